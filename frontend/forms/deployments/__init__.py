"""Forms of deployments. They read what was typed; the rules are in `marketplace.brokerage`."""

from frontend.forms.deployments.agreeing import (
    DeploymentFilterForm,
    SignForm,
    TermsForm,
    WhoForm,
)
from frontend.forms.deployments.working import (
    AnswerForm,
    BookForm,
    CommentForm,
    ConcernForm,
    DeploymentEvaluationForm,
    FreeTimeForm,
    MidPointForm,
    NotesForm,
    RecordForm,
    ReviewForm,
    TieForm,
    WhyForm,
)

__all__ = [
    "AnswerForm",
    "BookForm",
    "CommentForm",
    "ConcernForm",
    "DeploymentEvaluationForm",
    "DeploymentFilterForm",
    "FreeTimeForm",
    "MidPointForm",
    "NotesForm",
    "RecordForm",
    "ReviewForm",
    "SignForm",
    "TermsForm",
    "TieForm",
    "WhoForm",
    "WhyForm",
]
