"""Prints what the wallet costs, with prices of your own.

python -m bench.costs [--prices FILE]
python -m bench.costs --count          count the units of each call anew, on a local cloud, into usage.json
"""

import argparse
import json
import sys
from pathlib import Path

from bench.costs.model import Prices, PricesError
from bench.costs.page import tables
from bench.costs.usage import usage
from local.cloud import running_cloud

HERE = Path(__file__).parent
USAGE, PRICES = HERE / "usage.json", HERE / "prices.json"


def main() -> int:
    """Print the tables, or count; 1 after a line that says what is wrong with the prices."""
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description="Print what the wallet costs on AWS.")
    parser.add_argument("--prices", type=Path, default=PRICES, help="a file like bench/costs/prices.json (the default)")
    parser.add_argument("--count", action="store_true", help="count the units of each call anew into usage.json")
    options = parser.parse_args()
    if options.count:
        with running_cloud() as cloud:
            USAGE.write_text(json.dumps(usage(cloud.client_options()), indent=2) + "\n")
    counted = json.loads(USAGE.read_text())
    try:
        print(tables(counted, Prices.read(options.prices, counted)))
    except (OSError, PricesError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
