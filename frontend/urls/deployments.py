"""Addresses of deployments."""

from django.urls import path

from frontend.views.deployments import agreeing, funding, judging, lists, working

app_name = "deployments"
urlpatterns = [
    path("deployments/", lists.deployments, name="list"),
    path("deployments/new/", agreeing.new, name="new"),
    path("deployments/new/agreement/", agreeing.write, name="write"),
    path("deployments/<str:reference>/", lists.deployment, name="deployment"),
    path("deployments/<str:reference>/agreement.pdf", lists.agreement_pdf, name="pdf"),
    path("deployments/<str:reference>/change/", agreeing.change, name="change"),
    path("deployments/<str:reference>/send/", agreeing.send, name="send"),
    path("deployments/<str:reference>/sign/<str:capacity>/", agreeing.sign, name="sign"),
    path("deployments/<str:reference>/end/<str:verb>/", agreeing.end, name="end"),
    path("deployments/<str:reference>/resume/", agreeing.resume, name="resume"),
    path("deployments/<str:reference>/funding/", funding.fund, name="fund"),
    path("deployments/<str:reference>/book/", working.book, name="book"),
    path("deployments/<str:reference>/take-in/", working.tie, name="tie"),
    path("deployments/<str:reference>/visits/<str:booking>/", working.visit, name="visit"),
    path("deployments/<str:reference>/review/", judging.review, name="review"),
    path("deployments/<str:reference>/mid-point/", judging.mid_point, name="mid_point"),
    path("deployments/<str:reference>/evaluate/", judging.evaluate, name="evaluate"),
    path("deployments/<str:reference>/comment/", judging.comment_on_evaluation, name="comment_on_evaluation"),
    path("deployments/<str:reference>/case-study/", judging.case_study, name="case_study"),
    path("deployments/<str:reference>/concerns/new/", judging.new_concern, name="new_concern"),
    path("deployments/<str:reference>/concerns/<int:number>/", judging.concern, name="concern"),
]
