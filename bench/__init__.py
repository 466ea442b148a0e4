"""What benchmarks need and measure."""
