"""All harnesses by name."""

from fuzz import configuration, readers, repositories, rewrites
from fuzz.trees import choices, pairs

HARNESSES = {
    harness.name: harness
    for module in (readers, rewrites, configuration, repositories, pairs, choices)
    for harness in module.harnesses()
}
