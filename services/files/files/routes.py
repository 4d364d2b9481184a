"""All routes of the service, in the order of its documentation."""

from chassis.api import Api
from files.downloads import routes as downloads
from files.limits import routes as limits
from files.uploads import routes as uploads

api = Api(
    "files",
    title="Homeroom files",
    description="What people upload. Its bytes travel between the browser and the object store, never through here.",
).include(uploads.api, downloads.api, limits.api)
