import pytest

from tests.examples.example import invoked


@pytest.fixture(scope="module")
def outputs(example, cloud):
    return example("vehicle_register").deployed(cloud)["vehicle-register"]


@pytest.fixture
def registrar(cloud, outputs):
    return lambda **event: invoked(cloud, outputs["RegistrarFunction"], event)


@pytest.fixture
def inquiry(cloud, outputs):
    return lambda vin: invoked(cloud, outputs["InquiryFunction"], {"vin": vin})


def test_a_vehicle_keeps_all_its_owners(registrar, inquiry):
    assert registrar(vin="A1", owner="ann") == {"owner": "ann"}
    assert registrar(vin="A1", **{"from": "ann", "to": "ben"}) == {"owner": "ben"}
    assert inquiry("A1") == ["ann", "ben"]


def test_a_vehicle_is_registered_once(registrar, inquiry):
    registrar(vin="B2", owner="ann")
    assert registrar(vin="B2", owner="ben") == {"refused": "B2 is registered already"}
    assert inquiry("B2") == ["ann"]


def test_nobody_gives_away_what_another_owns(registrar, inquiry):
    registrar(vin="C3", owner="ann")
    assert registrar(vin="C3", **{"from": "ben", "to": "cat"}) == {"refused": "ben does not own C3"}
    assert inquiry("C3") == ["ann"]


def test_a_vehicle_that_nobody_registered_has_no_owners(inquiry):
    assert inquiry("D4") == []
