import pytest

from system.errors import SettingsWrong
from system.settings import read_settings

RIGHT = {
    "DATABASE_URL": "postgresql://localhost/x",
    "REDIS_URL": "redis://localhost",
    "OLLAMA_URL": "http://localhost:11434",
    "SYSTEM_JWT_SECRET": "x" * 32,
    "MODEL": "llama",
}


def test_numbers_are_read_from_text_and_defaults_fill_the_rest():
    settings = read_settings({**RIGHT, "POOL_SIZE": "3", "MODEL_DEADLINE_S": "1.5", "UNRELATED": "1"})
    assert (settings.pool_size, settings.model_deadline_s, settings.statement_s) == (3, 1.5, 5.0)


def test_an_empty_environment_lacks_every_setting_without_a_default():
    with pytest.raises(SettingsWrong) as caught:
        read_settings({})
    assert [fault.split()[0] for fault in caught.value.faults] == [
        "DATABASE_URL",
        "REDIS_URL",
        "OLLAMA_URL",
        "SYSTEM_JWT_SECRET",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL_SIZE", "x"),
        ("POOL_SIZE", "0"),
        ("POOL_SIZE", "1.5"),
        ("STATEMENT_S", "-1"),
        ("SYSTEM_JWT_SECRET", "x" * 31),
        ("DATABASE_URL", "mysql://localhost"),
        ("REDIS_URL", "localhost"),
        ("OLLAMA_URL", "localhost:11434"),
    ],
)
def test_one_wrong_setting_is_one_fault_that_names_it(name, value):
    with pytest.raises(SettingsWrong) as caught:
        read_settings({**RIGHT, name: value})
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(name)


def test_a_secret_is_never_shown():
    with pytest.raises(SettingsWrong) as caught:
        read_settings({**RIGHT, "SYSTEM_JWT_SECRET": "my-own-secret"})
    assert "my-own-secret" not in str(caught.value)
