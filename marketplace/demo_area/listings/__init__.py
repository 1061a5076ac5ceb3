"""What providers of the demo area list: some hundred and fifty offers over all themes, written as data.

Most have days for a part of what schools need, so that what is missing and what there is twice follows from the listings and the
geography: phonics is offered several times over in the middle, special needs and attendance only in the west, mathematics in
the west only by one provider whose days are spread thin.
"""

from marketplace.demo_area.listings.form import Listing
from marketplace.demo_area.listings.inclusion import INCLUSION
from marketplace.demo_area.listings.leading import LEADING
from marketplace.demo_area.listings.sharing import SHARING
from marketplace.demo_area.listings.teaching import TEACHING

LISTINGS: tuple[Listing, ...] = (*TEACHING, *INCLUSION, *LEADING, *SHARING)

__all__ = ["LISTINGS", "Listing"]
