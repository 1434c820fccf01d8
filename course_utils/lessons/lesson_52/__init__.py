"""La cara del proyecto 52: lo que importa su cuaderno."""

from course_utils.lessons.lesson_52.classic import Specialist, fit_specialist
from course_utils.lessons.lesson_52.experiment import group_masks
from course_utils.lessons.lesson_52.figures import (
    plot_demand_network,
    plot_hidden_demand,
    plot_order_fan,
    plot_policy_costs,
)
from course_utils.lessons.lesson_52.m3 import PUBLISHED_MASE, PUBLISHED_SMAPE
from course_utils.lessons.lesson_52.network import (
    LEVELS,
    GlobalNetwork,
    Recipe,
    censored_loss,
    fit_global,
    mean_of,
    recall_or_train,
    targets,
)
from course_utils.lessons.lesson_52.own import next_week_orders, own_shop
from course_utils.lessons.lesson_52.policies import (
    constant_orders,
    euros,
    last_week_orders,
    network_orders,
    scalable,
    score_mean,
    scored_days,
)
from course_utils.lessons.lesson_52.problem import (
    as_table,
    is_cold,
    make_examples,
    recent_level,
    split_weeks,
)

__all__ = [
    "LEVELS",
    "PUBLISHED_MASE",
    "PUBLISHED_SMAPE",
    "GlobalNetwork",
    "Recipe",
    "Specialist",
    "as_table",
    "censored_loss",
    "constant_orders",
    "euros",
    "fit_global",
    "fit_specialist",
    "group_masks",
    "is_cold",
    "last_week_orders",
    "make_examples",
    "mean_of",
    "network_orders",
    "next_week_orders",
    "own_shop",
    "plot_demand_network",
    "plot_hidden_demand",
    "plot_order_fan",
    "plot_policy_costs",
    "recall_or_train",
    "recent_level",
    "scalable",
    "score_mean",
    "scored_days",
    "split_weeks",
    "targets",
]
