"""How well calibration finds what is known: parameters of every model, and intervals of tests on calibrated banks."""

from concurrent.futures import Executor, ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from benchmarks.calibrated_banks import coverage_table
from benchmarks.recovery import recover
from benchmarks.table import Table

MODELS = ("rasch", "2pl", "3pl", "4pl", "pcm", "gpcm", "grm", "nrm")
PERSONS = (500, 2_000, 10_000)
REPLICATIONS = 24
BANKS, SITTINGS = 10, 2_500


def measure() -> tuple[Table, ...]:
    """Both tables; several minutes."""
    with threadpool_limits(1), ThreadPoolExecutor(4) as executor:
        intervals = coverage_table(persons=500, banks=BANKS, sittings=SITTINGS, executor=executor)
        return (_recovery(executor), intervals)


def _recovery(executor: Executor) -> Table:
    rows = []
    for model in MODELS:
        for persons in PERSONS:
            found = recover(model, persons, replications=REPLICATIONS, executor=executor)
            ratio = f"{found.ratio:.3f} ± {found.standard_error:.3f}"
            own = (f"{found.rmse:.4f}", ratio, f"{found.z_sd:.3f}", f"{found.coverage:.1%}")
            rows.append((model, f"{persons:,}", f"{found.parameters:,}", *own))
    title = "Known parameters recovered: root mean square error against the posterior standard deviations"
    return Table(title, ("model", "persons", "parameters", "RMSE", "RMSE / theory", "SD of z", "95 % hold"), rows)
