"""`python -m jobcenter.cli`: how the local stack starts its processes, with its own interpreter."""

import sys

from jobcenter.cli.main import main

sys.exit(main())
