"""Addresses of calls for offers, and of commissions."""

from django.urls import path

from frontend.views.partnership import answering, calls, commissions, keeping, working

app_name = "partnership"
urlpatterns = [
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.new_call, name="new_call"),
    path("calls/<str:reference>/", calls.call, name="call"),
    path("calls/<str:reference>/extend/", calls.extend, name="extend_call"),
    path("calls/<str:reference>/close/", calls.close, name="close_call"),
    path("calls/<str:reference>/withdraw/", calls.withdraw, name="withdraw_call"),
    path("calls/<str:reference>/respond/", answering.respond, name="respond"),
    path("calls/<str:reference>/take-back/<str:answer>/", answering.take_back, name="take_back"),
    path("calls/<str:reference>/pass-over/<str:answer>/", answering.pass_over, name="pass_over"),
    path("commissions/", commissions.commissions, name="commissions"),
    path("commissions/new/", commissions.new_commission, name="new_commission"),
    path("commissions/<str:reference>/", commissions.commission, name="commission"),
    path("commissions/<str:reference>/change/", commissions.change, name="change_commission"),
    path("commissions/<str:reference>/decide/", keeping.decide, name="decide"),
    path("commissions/<str:reference>/tell/", keeping.tell, name="tell"),
    path("commissions/<str:reference>/start/", keeping.start, name="start"),
    path("commissions/<str:reference>/pause/", keeping.pause, name="pause"),
    path("commissions/<str:reference>/resume/", keeping.resume, name="resume"),
    path("commissions/<str:reference>/withdraw/", keeping.withdraw, name="withdraw_commission"),
    path("commissions/<str:reference>/review/", keeping.review, name="review"),
    path("commissions/<str:reference>/exit/", keeping.end, name="exit"),
    path("commissions/<str:reference>/category/", keeping.category, name="category"),
    path("commissions/<str:reference>/people/", keeping.people, name="people"),
    path(
        "commissions/<str:reference>/people/<int:number>/remove/", keeping.remove_person, name="remove_person"
    ),
    path("commissions/<str:reference>/deployment/", working.deployment, name="deployment"),
    path("commissions/<str:reference>/deployment/write/", working.write_deployment, name="write_deployment"),
    path("commissions/<str:reference>/visits/", working.visits, name="visits"),
]
