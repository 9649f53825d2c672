"""What a simulation counted, as its drawing takes it."""

import numpy as np

from app.engine.grid import Floats
from app.engine.simulation import Study
from app.engine.simulation_report import Report
from app.psychometrics.plot_simulation import SimulationFigures


def figures_of(found: Report, study: Study) -> SimulationFigures:
    """Error and coverage for every level that somebody has, drawn at the middle of the level; the rest for all."""
    levels, of = list(found.by_level), list(found.by_level.values())
    given = found.counted.given.sum(axis=0)
    return SimulationFigures(
        ability=_middles(study.cuts)[np.array(levels) - 1],
        bias=np.array([each.bias for each in of]),
        rmse=np.array([each.rmse for each in of]),
        mean_se=np.array([each.mean_se for each in of]),
        coverage=np.array([each.coverage for each in of]),
        coverage_error=np.array([each.standard_errors["coverage"] or 0.0 for each in of]),
        lengths=found.counted.lengths.sum(axis=0),
        exposure=given / found.overall.n,
        cap=study.exposure_cap,
    )


def _middles(cuts: Floats) -> Floats:
    """Middle of every level, logits; the outer levels are as wide as their neighbours."""
    edges = np.concatenate([[2 * cuts[0] - cuts[1]], cuts, [2 * cuts[-1] - cuts[-2]]])
    middles: Floats = (edges[:-1] + edges[1:]) / 2
    return middles
