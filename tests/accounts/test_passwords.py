import threading
from contextlib import ExitStack

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.accounts import passwords
from app.accounts.model import LONGEST_PASSWORD, SignInBusy
from app.accounts.passwords import HASHER, NOBODY, Gate, hashed, is_outdated, matches

PASSWORD = "une phrase de passe longue"


def test_a_password_matches_its_hash_and_no_other_does() -> None:
    stored = hashed(PASSWORD)
    assert matches(PASSWORD, stored)
    assert not matches(PASSWORD + " ", stored)
    assert not matches("", stored)


def test_a_hash_has_the_parameters_of_the_owasp_cheat_sheet() -> None:
    assert hashed(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_nobody_has_a_hash_of_the_same_cost_so_that_unknown_accounts_take_the_same_time() -> None:
    assert extract_parameters(NOBODY) == extract_parameters(hashed(PASSWORD))
    assert not matches(PASSWORD, None)


def test_the_same_characters_composed_otherwise_are_the_same_password() -> None:
    assert matches("de\u0301gre\u0301 de chaleur", hashed("d\u00e9gr\u00e9 de chaleur"))


def test_a_password_longer_than_any_account_has_is_cut_before_it_is_hashed() -> None:
    stored = hashed("a" * LONGEST_PASSWORD)
    assert not matches("a" * 1_000_000, stored)


def test_an_unreadable_stored_hash_matches_nothing() -> None:
    assert not matches(PASSWORD, "not a hash")


def test_a_hash_with_other_parameters_is_outdated() -> None:
    other = HASHER.from_parameters(RFC_9106_LOW_MEMORY)
    assert not is_outdated(hashed(PASSWORD))
    assert is_outdated(other.hash(PASSWORD))


def test_a_crowd_runs_two_at_a_time_and_beyond_the_queue_is_told_to_come_back() -> None:
    gate = Gate(at_once=2, waiting=3)
    running, most, refused = 0, 0, 0
    count = threading.Lock()
    go_on, all_settled = threading.Event(), threading.Semaphore(0)

    def arrive() -> None:
        nonlocal running, most, refused
        try:
            with gate.place():
                with count:
                    running += 1
                    most = max(most, running)
                all_settled.release()
                go_on.wait()
                with count:
                    running -= 1
        except SignInBusy:
            with count:
                refused += 1
            all_settled.release()

    crowd = [threading.Thread(target=arrive) for _ in range(200)]
    for one in crowd:
        one.start()
    for _ in range(2 + 195):  # two run, three wait, the others are refused at once
        all_settled.acquire()
    go_on.set()
    for one in crowd:
        one.join()
    assert (most, refused) == (2, 195)


def test_a_place_is_given_back_even_after_a_failure() -> None:
    gate = Gate(at_once=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.place():
            raise ZeroDivisionError
    with ExitStack() as stack:
        stack.enter_context(gate.place())
        with pytest.raises(SignInBusy) as busy:
            stack.enter_context(gate.place())
    assert busy.value.facts == {"retry_after": passwords.COME_BACK}
