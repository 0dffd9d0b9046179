"""Examples of what a configuration names."""

from typing import Final

__all__ = ["EXAMPLES"]

# How sources are written, by the key of all of them: in the comments of config.yaml and in the reference page.
EXAMPLES: Final = {
    "events.sources": """\
events:
  sources:
    photons:                       # the name on the page and in its address: ?source=photons
      files: /data/photons/*.root  # a path, a pattern, an address, or a list of these
      particle: photon
      pileup: 0
      default_events: [3, 17]
    testbeam:                      # branches that Lorgnette does not know are given names
      files: [https://example.org/run-1.root, /data/run-2.root]
      container: hits/tree
      identity: {event: evt, run: run}
      collections:
        cells:
          kind: cells
          columns: {x: hit_x, y: hit_y, z: hit_z, energy: hit_e, adc: hit_adc}
          factors: {x: 0.1, y: 0.1, z: 0.1, energy: 0.001}  # mm to cm, MeV to GeV
          units: {adc: counts}
""",
    "images.sources": """\
images:
  sources:
    m51:                           # the name on the page and in its address: ?image=m51
      file: /data/m51.fits
      title: Whirlpool galaxy
    cube:
      file: /data/ngc3198_hi.fits
      part: "0"
      axis: 3
""",
}
