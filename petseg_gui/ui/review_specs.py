"""What each action is that walks through a folder, decides about photos, or moves labels."""

from __future__ import annotations

from petseg_gui.ui.spec import Spec

REVIEW = (
    Spec(
        "actionPreviousUnreviewed",
        "Pre&vious not accepted",
        ("Shift+Left", "Shift+A"),
        "Show the last photo before this one that is not accepted",
    ),
    Spec(
        "actionNextUnreviewed",
        "Next n&ot accepted",
        ("Shift+Right", "Shift+D"),
        "Show the next photo that is not accepted",
    ),
    Spec(
        "actionMostUncertain",
        "Most &uncertain",
        ("U",),
        "Show the photo that the model is least sure of, of those that are not accepted",
        "mdi6.help-circle-outline",
    ),
    Spec(
        "actionSkip",
        "S&kip",
        ("N",),
        "Not now: mark this photo as skipped and show the next one",
        "mdi6.debug-step-over",
    ),
    Spec(
        "actionFlag",
        "&Flag",
        ("Q",),
        "Flag this photo, to come back to it; once more takes the flag away",
        "mdi6.flag-outline",
        checkable=True,
    ),
    Spec(
        "actionUnaccept",
        "Take &back acceptance",
        ("Backspace",),
        "This photo is not accepted after all; if it is not, go back to the one accepted last",
    ),
    Spec(
        "actionKeepLabel",
        "Keep the label for the new p&icture",
        (),
        "The photo was replaced by another picture: its label fits all the same",
    ),
    Spec(
        "actionStartAnew",
        "Start from the ne&w prediction",
        (),
        "The photo was replaced by another picture: put its label away, among its versions",
    ),
    Spec(
        "actionVersions",
        "V&ersions…",
        ("V",),
        "See, compare and restore earlier versions of this label",
        "mdi6.history",
    ),
)

LIST = (
    Spec(
        "actionGrid",
        "G&rid",
        ("G",),
        "All photos in rows instead of the present one",
        "mdi6.view-grid-outline",
        checkable=True,
    ),
    Spec("actionFind", "Find p&hotos", ("Ctrl+F",), "Search by name, tag or note"),
    Spec(
        "actionShowAll", "Show a&ll photos", ("Ctrl+Shift+F",), "Drop the filter: list all photos"
    ),
    Spec(
        "actionArrangeAgain",
        "&Arrange anew",
        ("F5",),
        "Filter and sort by what is known now",
    ),
    Spec("actionSelectAll", "&Select all", ("Ctrl+A",), "Select every photo that is listed"),
    Spec(
        "actionAcceptSelected",
        "A&ccept selected",
        ("Ctrl+Shift+Return",),
        "Accept the masks of all selected photos as they are",
    ),
    Spec(
        "actionPredictSelected",
        "P&redict selected anew",
        (),
        "Have the model draw the masks of the selected photos once more",
    ),
    Spec(
        "actionClearSelected",
        "C&lear labels of selected",
        ("Shift+Delete",),
        "Put the labels of the selected photos away; they stay among the versions",
    ),
    Spec(
        "actionTagSelected",
        "&Tags…",
        ("T",),
        "Give the selected photos tags, or take some away",
        "mdi6.tag-outline",
    ),
)

EXCHANGE = (
    Spec(
        "actionImport",
        "&Import labels…",
        ("Ctrl+I",),
        "Take labels of other programs into this project",
    ),
    Spec(
        "actionExport",
        "&Export labels…",
        ("Ctrl+E",),
        "Write the labels for other programs",
    ),
    Spec(
        "actionExportSelected",
        "E&xport selected…",
        (),
        "Write the labels of the selected photos for other programs",
    ),
)
