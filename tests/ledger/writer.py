"""A process that commits as fast as it can and says so after each commit, until it is killed."""

import sys
import threading

from ledger.driver import connect
from ledger.store import SQLiteStore

lock = threading.Lock()


def write(driver, worker):
    number = 0
    while True:
        name = f"{worker}-{number}"

        def insert_and_count(txn, name=name):
            list(txn.execute_statement("SELECT * FROM T WHERE k = ?", name))
            txn.execute_statement("INSERT INTO T << ?, ? >>", {"k": name, "half": 1}, {"k": name, "half": 2})
            txn.execute_statement("UPDATE T SET n = n + 1 WHERE k = ?", f"counter-{worker}")

        driver.execute_lambda(insert_and_count)
        with lock:
            print(name, flush=True)
        number += 1


def main(path, run):
    with connect("demo", SQLiteStore(path, busy_timeout_seconds=60)) as driver:
        workers = [f"{run}-{index}" for index in range(3)]
        for worker in workers:
            driver.execute_lambda(
                lambda txn, worker=worker: txn.execute_statement("INSERT INTO T ?", {"k": f"counter-{worker}", "n": 0})
            )
        threads = [threading.Thread(target=write, args=(driver, worker)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
