"""How much the property tests try: little enough for a check in a minute; the same examples each time where CI is set."""

import os

from hypothesis import HealthCheck, settings


def bounded(examples: int, *, steps: int = 50) -> settings:
    """So many examples; `PALABRE_EXAMPLES` multiplies them for a long run."""
    return settings(
        max_examples=examples * int(os.environ.get("PALABRE_EXAMPLES", "1")),
        stateful_step_count=steps,
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
