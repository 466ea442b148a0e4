"""The lock before a SQLite file: first come, first served, and nothing lost when a thread gives up waiting."""

import threading
import time

from ledger.store.fair_lock import FairLock


def queued(lock, threads, work):
    """Start threads one after the other while the lock is held, so that their order in the queue is known."""
    started = []
    for number in range(threads):
        thread = threading.Thread(target=work, args=(number,))
        thread.start()
        while len(lock._queue) <= number:
            time.sleep(0.001)
        started.append(thread)
    return started


def test_threads_get_the_lock_in_the_order_in_which_they_asked():
    lock, order = FairLock(), []

    def work(number):
        assert lock.acquire(60)
        order.append(number)
        lock.release()

    assert lock.acquire(0)
    threads = queued(lock, 5, work)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_thread_that_gives_up_does_not_keep_the_lock_from_others():
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)
    assert not lock.acquire(0)


def test_only_one_thread_holds_the_lock():
    lock, inside, most = FairLock(), [], []

    def work():
        for _ in range(200):
            assert lock.acquire(60)
            inside.append(1)
            most.append(len(inside))
            inside.pop()
            lock.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
