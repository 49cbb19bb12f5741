"""The export of customer merges, which several systems need and none offers: our own template, the same for each."""

from workbench.exports.model import Column, ExportKind


def customer_merges(system: str, file_names: tuple[str, ...], counted: str) -> ExportKind:
    """Return the kind of a system's merges; `counted` is what counts for the customer that stayed.

    The header is the same for every system: a file's name tells whose it is, so one called CustomerMerges does not.
    """
    return ExportKind(
        name=f"{system.lower()}_customer_merges",
        system=system,
        title="Customer merges",
        file_names=file_names,
        key=("merged_customer_id",),
        anchor=None,
        required=("merged_customer_id", "customer_id"),
        is_ours=True,
        columns=(
            Column(
                "merged_customer_id", "id", ("Merged Customer ID",), "Merged customer ID",
                "The customer that was merged into another one and no longer exists.",
                "Who",
                is_personal=True,
            ),
            Column(
                "customer_id", "id", ("Customer ID",), "Customer ID",
                "The customer that stayed. May have been merged on, into yet another one.",
                "Who",
                is_personal=True,
            ),
            Column(
                "merged_at", "timestamp", ("Merged At",), "Merged at",
                f"When the two were merged. Makes no difference: {counted}, before and after, count for the one that"
                " stayed.",
                "When",
            ),
        ),
    )  # fmt: skip
