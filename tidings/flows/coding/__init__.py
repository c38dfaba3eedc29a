"""The former name of ``tidings.analysis.coding``, which works until version 0.4."""

import sys

from tidings.analysis.coding import labels, sample

sys.modules |= {f"{__name__}.labels": labels, f"{__name__}.sample": sample}
