"""Addresses of the pages of organisations."""

from django.urls import path

from frontend.views.organisations import areas, bodies, imports, invitations, people, schools

app_name = "organisations"
urlpatterns = [
    path("register/", imports.imports, name="register"),
    path("register/new/", imports.upload, name="upload"),
    path("register/<slug:reference>/", imports.one_import, name="import"),
    path("register/<slug:reference>/apply/", imports.apply, name="apply"),
    path("register/<slug:reference>/undo/", imports.undo, name="undo"),
    path("register/<slug:reference>/discard/", imports.discard, name="discard"),
    path("schools/", schools.schools, name="schools"),
    path("organisations/<slug:reference>/", bodies.organisation, name="organisation"),
    path("organisations/<slug:reference>/change/", bodies.change, name="change_organisation"),
    path("areas/", areas.areas, name="areas"),
    path("areas/<slug:code>/", areas.area, name="area"),
    path("areas/<slug:code>/wards/", areas.upload_wards, name="upload_wards"),
    path("areas/<slug:code>/clusters/", areas.clusters, name="clusters"),
    path("areas/<slug:code>/clusters/new/", areas.new_cluster, name="new_cluster"),
    path("areas/<slug:code>/clusters/<slug:reference>/", areas.cluster, name="cluster"),
    path("areas/<slug:code>/clusters/<slug:reference>/delete/", areas.delete_cluster, name="delete_cluster"),
    path("areas/<slug:code>/organisations/", bodies.organisations, name="organisations"),
    path("areas/<slug:code>/organisations/new/", bodies.new_organisation, name="new_organisation"),
    path("people/", people.people, name="people"),
    path("people/invitations/", people.invitations, name="invitations"),
    path("people/invite/", people.choose_organisation, name="invite"),
    path("people/invite/<slug:reference>/", people.invite, name="invite_to"),
    path("people/invitations/<slug:reference>/resend/", people.resend, name="resend"),
    path("people/invitations/<slug:reference>/revoke/", people.revoke, name="revoke"),
    path("people/<slug:reference>/end/", people.end, name="end_role"),
    path("invitations/<str:token>/", invitations.accept, name="invitation"),
]
