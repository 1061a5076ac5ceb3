"""What brokerage does when others announce something."""

from marketplace.brokerage import actions
from marketplace.catalogue.events import SearchFoundNothing
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe
from marketplace.organisations.models import Area, Organisation


@subscribe(SearchFoundNothing)
def keep_search_that_found_nothing(event: SearchFoundNothing) -> None:
    """The unmet-demand log: what people looked for and nobody offers."""
    actions.tell_the_authority(
        actor=SYSTEM,
        area=Area.objects.get(pk=event.area_id),
        organisation=Organisation.objects.filter(pk=event.organisation_id).first(),
        query=event.query,
        told_us=False,
    )
