"""Files that need no configuration: each module looks whether a file is of its kind. The first that says yes has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from data_sources.events.files import EventFile
from data_sources.events.plans import Schema
from data_sources.events.presets.delphes import match as delphes
from data_sources.events.presets.edm4hep import match as edm4hep
from data_sources.events.presets.generic import match as generic
from data_sources.events.presets.hgcal import match as hgcal
from data_sources.events.presets.ispy_collections import match as ispy
from data_sources.events.presets.nanoaod import match as nanoaod
from data_sources.events.presets.physlite import match as physlite

PRESETS: Final[tuple[Callable[[EventFile], Schema | None], ...]] = (
    ispy,
    hgcal,
    physlite,
    nanoaod,
    delphes,
    edm4hep,
    generic,
)

# What a file has been looked through for, in the words of an error.
SOUGHT: Final = (
    "HGCAL ntuple (tc_energy, tc_layer), PHYSLITE (AnalysisJetsAuxDyn), NanoAOD (nJet, Jet_pt), Delphes (Particle.PT), "
    "EDM4hep (MCParticles.momentum.x), iSpy, groups such as Jet_Px, Jet_Py, Jet_Pz or X_pt, X_eta, X_phi or "
    "X_x, X_y, X_z"
)
