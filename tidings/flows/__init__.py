"""The Prefect flows. In a checkout, their modules are in the folder ``flows/``; start with
``flows/nightly.py``.

Only these modules import Prefect.
"""

from tidings.base.settings import read_secret_files
from tidings.paths import FLOWS, is_checkout

if is_checkout():
    __path__.append(str(FLOWS))

read_secret_files()  # a worker starts flows without the command line
