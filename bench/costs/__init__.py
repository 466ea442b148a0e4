"""What a call of the wallet costs on AWS: units counted here, times prices that the reader can edit."""
