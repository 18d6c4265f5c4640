"""What the tests run in, set before Django reads its settings: an instance of their own.

Loaded by pytest as a plugin (`-p tests.surroundings`), since a conftest comes too late.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile

import hypothesis
import pytest

KEPT = {"LEADLIGHT_TEST_DATABASE", "LEADLIGHT_REAL_DATA"}
DATA = tempfile.mkdtemp(prefix="leadlight-test-")

for knob in [name for name in os.environ if name.startswith("LEADLIGHT_") and name not in KEPT]:
    del os.environ[knob]
os.environ["LEADLIGHT_DATA"] = DATA
os.environ["DJANGO_SETTINGS_MODULE"] = "leadlight.settings"
# Never the developer's own DATABASE_URL.
os.environ["DATABASE_URL"] = os.environ.get("LEADLIGHT_TEST_DATABASE", "")


# A busy machine is slow; that says nothing about the program.
hypothesis.settings.register_profile("leadlight", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("leadlight")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("django"):
        return
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def pytest_collection_finish() -> None:
    """What is loaded by now stays; to look through it again and again is a sixth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_runtest_setup() -> None:
    """A page that was asked for in French leaves its language behind, as it would in a thread."""
    if translation := sys.modules.get("django.utils.translation"):
        translation.deactivate()


def pytest_unconfigure() -> None:
    gc.unfreeze()
    shutil.rmtree(DATA, ignore_errors=True)
