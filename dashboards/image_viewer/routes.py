"""What the image viewer serves by HTTP, for programs and other pages: tiles, values, profiles and cut-outs.

`docs/images.md` explains it, `/images/openapi.json` describes it to programs.
"""

from .http_base import NothingHere
from .http_list import ListHandler
from .http_numbers import InfoHandler, ProfileHandler, ValueHandler
from .http_openapi import OpenApiHandler
from .http_pictures import RegionHandler, ThumbnailHandler, TileHandler

root = "/images"
routes = [
    (r"/(.+)/tiles/([0-9]{1,9})/([0-9]{1,9})/([0-9]{1,9})\.(jpg|png)", TileHandler),
    ("/?", ListHandler),
    ("/openapi.json", OpenApiHandler),
    ("/(.+)/info", InfoHandler),
    ("/(.+)/value", ValueHandler),
    ("/(.+)/profile", ProfileHandler),
    (r"/(.+)/region\.fits", RegionHandler),
    (r"/(.+)/thumbnail\.jpg", ThumbnailHandler),
    ("/(.*)", NothingHere),
]
