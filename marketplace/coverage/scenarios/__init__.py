"""What-if: a convenor's list of edits, what they come to beside the base, kept under a name and shown to others.

`lines` says what an edit is as data; `fitting` turns lines into edits of the rows of a snapshot, or says why one no longer fits;
`grounds` has the snapshots' inputs ready; `outcomes` puts base and scenario side by side, exactly or for the board. Edits change
copies of a snapshot's inputs and nothing else: there is no way from here to an offer, a need or a booking.
"""
