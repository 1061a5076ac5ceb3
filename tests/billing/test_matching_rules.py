"""Matching money to documents, reading bank statements, ageing debts: the pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing.queries.matching import LIKELY
from marketplace.billing.rules import ageing, matching, statements
from marketplace.billing.rules.matching import Open, Paid
from marketplace.kernel.money import AmountNotUnderstood

TODAY = date(2026, 11, 21)


def owed(key: int = 1, pence: int = 42_000, **fields) -> Open:
    defaults = {
        "number": f"INV12-2627-{key:05d}",
        "buyer": 1,
        "buyer_name": "Rowan Bank Primary School",
        "references": (f"DOC-7F3K9X{key}", "AG-1111111"),
        "purchase_order": f"PO 77{key:03d}",
    }
    return Open(key=key, outstanding=pence, **(defaults | fields))


# Exact references


@pytest.mark.parametrize(
    "said",
    [
        "INV12-2627-00001",
        "inv12 2627 00001",
        "INV12262700001",
        "Inv12-2627-1 Rowan Bank",
        "PAYMENT INV12/2627/00001",
        "ref:INV 12-2627-00001",
        "DOC-7F3K9X1",
        "doc 7f3k9x1",
        "DOC7F3K9XI",
        "PO 77001",
        "po77001",
    ],
)
def test_a_quoted_reference_with_the_amount_is_exact_however_it_is_written(said):
    [proposal] = matching.proposals(
        Paid(42_000, said), [owed(1), owed(2), owed(11, number="INV12-2627-00011")]
    )

    assert proposal.is_exact and proposal.shares == ((1, 42_000),)
    assert "quotes" in proposal.reason


@pytest.mark.parametrize("said", ["INV12-2627-000010", "XINV12-2627-00001", "INV13-2627-00001", "PO 770011"])
def test_another_reference_is_not_taken_for_ours(said):
    assert not any(each.is_exact for each in matching.proposals(Paid(42_000, said), [owed(1)]))


def test_several_documents_quoted_together_are_exact_when_they_add_up():
    documents = [owed(1, 10_000), owed(2, 5_000), owed(3, 7_000)]

    [proposal] = matching.proposals(Paid(15_000, "INV12-2627-00001 INV12-2627-00002"), documents)

    assert proposal.is_exact and proposal.shares == ((1, 10_000), (2, 5_000))


def test_an_agreement_quoted_for_two_documents_means_the_one_with_the_amount():
    [proposal] = matching.proposals(Paid(5_000, "AG-1111111"), [owed(1, 10_000), owed(2, 5_000)])

    assert proposal.is_exact and proposal.shares == ((2, 5_000),)


def test_less_than_is_owed_is_a_part_payment_and_not_exact():
    [proposal] = matching.proposals(Paid(30_000, "INV12-2627-00001"), [owed(1)])

    assert not proposal.is_exact and proposal.shares == ((1, 30_000),)
    assert "pays £300.00 of the £420.00" in proposal.reason


def test_more_than_is_owed_leaves_the_rest_on_account():
    [proposal] = matching.proposals(Paid(50_000, "INV12-2627-00001"), [owed(1)])

    assert (proposal.shares, proposal.left) == (((1, 42_000),), 8_000)
    assert "£80.00 more" in proposal.reason


def test_the_same_order_number_of_two_buyers_is_never_exact():
    documents = [owed(1, purchase_order="ORDER 5001"), owed(2, buyer=2, purchase_order="order-5001")]

    found = matching.proposals(Paid(42_000, "Order 5001"), documents)

    assert len(found) == 2 and not any(each.is_exact for each in found)


def test_a_trusts_one_payment_for_several_schools_is_exact_over_all_it_quotes():
    schools = [owed(key, 10_000, buyer=key, references=(), purchase_order="") for key in (1, 2, 3, 4)]
    said = " ".join(each.number for each in schools)

    [proposal] = matching.proposals(Paid(40_000, said), [*schools, owed(5, 7_000)])

    assert proposal.is_exact and proposal.left == 0
    assert proposal.shares == tuple((each.key, 10_000) for each in schools)


@pytest.mark.parametrize("pence", [30_000, 50_000])
def test_a_payment_for_several_schools_that_does_not_add_up_is_left_to_a_person(pence):
    schools = [owed(key, 20_000, buyer=key, references=(), purchase_order="") for key in (1, 2)]

    found = matching.proposals(Paid(pence, "INV12-2627-00001 INV12-2627-00002"), schools)

    assert len(found) == 2 and all(each.score < LIKELY for each in found)
    assert "00001" in found[0].reason and "00002" not in found[0].reason


# Suggestions


def test_the_amount_and_a_name_cut_short_by_the_bank_are_suggested_first():
    documents = [owed(1), owed(2, buyer=2, buyer_name="Holm Valley Academy")]

    found = matching.proposals(Paid(42_000, "BACS CREDIT", "ROWAN BANK PRIM SC"), documents)

    assert found[0].shares == ((1, 42_000),) and found[0].score > found[1].score
    assert "is like Rowan Bank" in found[0].reason and "not alike" in found[1].reason


def test_several_documents_of_a_payer_that_add_up_are_suggested():
    documents = [owed(1, 10_000), owed(2, 5_000), owed(3, 7_000)]

    found = matching.proposals(Paid(17_000, "", "Rowan Bank"), documents)

    assert found[0].shares == ((1, 10_000), (3, 7_000)) and "together come to £170.00" in found[0].reason


def test_nothing_alike_suggests_nothing():
    assert matching.proposals(Paid(123, "SUPERMARKET"), [owed(1)]) == []


def test_a_common_word_alone_is_no_likeness():
    assert matching.name_likeness("ST MARYS PRIMARY SCHOOL", "Holm Primary School") == 0


documents = st.lists(
    st.builds(
        owed,
        key=st.integers(1, 30),
        pence=st.integers(0, 50_000),
        buyer=st.integers(1, 3),
        buyer_name=st.sampled_from(["Rowan Bank Primary School", "Holm Academy", "St Mary’s"]),
    ),
    max_size=8,
    unique_by=lambda each: each.key,
)
words = st.lists(
    st.sampled_from(["INV12-2627-00001", "inv12 2627 2", "DOC-7F3K9X3", "AG-1111111", "ROWAN", "HOLM", "x"]),
    max_size=4,
).map(" ".join)


@given(documents, words, st.integers(1, 120_000))
def test_no_proposal_spends_more_than_was_paid_or_is_owed(open_documents, said, pence):
    by_key = {each.key: each for each in open_documents}
    for proposal in matching.proposals(Paid(pence, said), open_documents):
        assert sum(share.pence for share in proposal.shares) + proposal.left == pence
        assert len({share.key for share in proposal.shares}) == len(proposal.shares) > 0
        for share in proposal.shares:
            assert 0 < share.pence <= by_key[share.key].outstanding
        assert proposal.is_exact or len({by_key[share.key].buyer for share in proposal.shares}) == 1
        if proposal.is_exact:
            assert proposal.left == 0
            assert all(share.pence == by_key[share.key].outstanding for share in proposal.shares)


@given(documents, words, st.integers(1, 120_000))
def test_an_exact_proposal_stands_alone(open_documents, said, pence):
    found = matching.proposals(Paid(pence, said), open_documents)
    assert len(found) == 1 or not any(each.is_exact for each in found)


@given(st.integers(1, 99_999), st.sampled_from(["", " ", "-", " - ", "/"]), st.booleans())
def test_a_number_is_found_with_any_separator_and_case(count, separator, lower):
    said = f"INV12{separator}2627{separator}{count:05d}"
    said = said.lower() if lower else said

    assert matching.quotes_number(f"PAID {said} THANKS", f"INV12-2627-{count:05d}")
    assert not matching.quotes_number(said, f"INV12-2627-{count % 99_999 + 1:05d}")


# Bank statements

BARCLAYS = "Number,Date,Account,Amount,Subcategory,Memo\n,20/11/2026,20-00-00,420.00,CR,ROWAN BANK INV12-2627-00001\n,19/11/2026,,-12.50,DD,FEES\n"
LLOYDS = (
    "Transaction Date,Transaction Type,Sort Code,Transaction Description,Debit Amount,Credit Amount,Balance\n"
    '20/11/2026,BGC,30-00-00,ROWAN BANK INV12-2627-00001,,"1,420.00",5000.00\n19/11/2026,DD,,FEES,12.50,,3580.00\n'
)
AUTHORITY = "Council bank extract\nProduced 21/11/2026\n\nPosted date;Name;Reference;Amount (GBP);CR/DR\n20 Nov 2026;Rowan Bank;INV12-2627-00001;£420.00;CR\n20 Nov 2026;Water;;12.50;DR\n"


@pytest.mark.parametrize(
    ("text", "pence"),
    [(BARCLAYS, 42_000), (LLOYDS, 142_000), (AUTHORITY, 42_000)],
    ids=["one", "two", "three"],
)
def test_common_layouts_are_recognised_by_their_headings(text, pence):
    found = statements.read(text, today=TODAY)

    [line] = found.money_in
    assert (line.pence, line.received_on) == (pence, date(2026, 11, 20))
    assert "INV12-2627-00001" in line.text and found.money_out == 1 and not found.refused


def test_lines_that_can_not_be_read_are_refused_with_their_number():
    text = (
        "Date,Description,Amount\n31/02/2026,x,1\n20/11/2026,x,1.234\n22/11/2026,x,1\n,x,1\n20/11/2026,x,\n"
        "20/11/2026,x,5\n"
    )

    found = statements.read(text, today=TODAY)

    assert [each.line for each in found.refused] == [2, 3, 4, 5, 6]
    assert "in the future" in found.refused[2].reason and len(found.money_in) == 1


@pytest.mark.parametrize("text", ["", "hello", "a,b\n1,2\n", "Date,Description\n20/11/2026,x\n", '"'])
def test_a_file_that_is_no_statement_is_refused_with_what_to_do(text):
    with pytest.raises(statements.StatementNotUnderstood) as refusal:
        statements.read(text, today=TODAY)
    assert "CSV" in refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,234.50", 123_450),
        ("1234.5", 123_450),
        ("(12.00)", -1_200),
        ("12.00-", -1_200),
        ("-£12.00", -1_200),
        ("£-12.00", -1_200),
        ("+12.00", 1_200),
        ("12.00 CR", 1_200),
        ("12.00DR", -1_200),
        ("GBP 3", 300),
    ],
)
def test_amounts_as_banks_write_them(text, pence):
    assert statements.parse_amount(text) == pence


def test_an_amount_in_another_style_is_refused():
    with pytest.raises(AmountNotUnderstood):
        statements.parse_amount("1.234,50")


def test_the_same_line_twice_on_a_day_is_two_payments_and_overlapping_statements_agree_on_them():
    line = "20/11/2026,ROWAN BANK,5.00\n"
    first = statements.read("Date,Description,Amount\n" + line, today=TODAY)
    second = statements.read("Date,Description,Amount\n19/11/2026,OTHER,1\n" + line * 2, today=TODAY)

    marks = [each.fingerprint for each in second.money_in]
    assert len(set(marks)) == 3
    assert first.money_in[0].fingerprint in marks


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text):
    remedy, found = "", None
    try:
        found = statements.read(text, today=TODAY)
    except statements.StatementNotUnderstood as refusal:
        remedy = refusal.remedy
    assert all(line.pence > 0 for line in found.money_in) if found else remedy


@given(st.lists(st.tuples(st.dates(date(2001, 1, 1), TODAY), st.integers(1, 10**9)), max_size=20))
def test_what_was_written_is_what_is_read(rows):
    text = "Date,Paid in,Paid out\n" + "".join(
        f'{day:%d/%m/%Y},"£{pence // 100:,}.{pence % 100:02d}",\n' for day, pence in rows
    )
    found = statements.read(text, today=TODAY)

    assert [(each.received_on, each.pence) for each in found.money_in] == rows
    assert found.total_pence == sum(pence for _, pence in rows)


# Ageing and reminders


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "to_30"),
        (30, "to_30"),
        (31, "to_60"),
        (60, "to_60"),
        (61, "to_90"),
        (90, "to_90"),
        (91, "over_90"),
    ],
)
def test_a_debt_stands_in_one_column_by_its_days_overdue(days, age):
    assert ageing.age_of(TODAY - timedelta(days=days), TODAY) == age


@given(st.lists(st.builds(ageing.Owing, st.integers(1, 10**7), st.dates() | st.none())))
def test_the_columns_add_up_to_all_that_is_owed(rows):
    assert sum(ageing.aged(rows, TODAY).values()) == sum(row.pence for row in rows)


@pytest.mark.parametrize(
    ("days", "sent", "level"),
    [
        (6, [], ""),
        (7, [], "first"),
        (20, ["first"], ""),
        (21, ["first"], "second"),
        (40, ["first"], "final"),
        (40, [], "final"),
        (90, ["final"], ""),
        (21, ["final"], ""),
    ],
)
def test_a_reminder_is_due_once_a_level(days, sent, level):
    assert ageing.reminder_due(days, ageing.ReminderDays(), sent) == level
