"""What each action of the window is: name, text, keys, explanation and icon, by subject."""

from __future__ import annotations

from model.labels import CLASSES, NAMES
from petseg_gui.ui.review_specs import EXCHANGE, LIST, REVIEW
from petseg_gui.ui.spec import Spec

__all__ = ["SECTIONS", "SPECS", "TOOL_ACTIONS", "VIEW_ACTIONS", "Spec"]


def _tool(name: str, text: str, key: str, tip: str, icon: str) -> Spec:
    return Spec(name, text, (key,), tip, icon, checkable=True, group="tool")


def _view(name: str, text: str, key: str, tip: str, icon: str, *, short: str = "") -> Spec:
    return Spec(name, text, (key,), tip, icon, checkable=True, group="view", short=short)


PHOTOS = (
    Spec(
        "actionAcceptAndNext",
        "&Accept and next",
        ("Return", "Enter"),
        "This mask is right: save it as a label and show the next photo",
        "mdi6.check",
        short="Accept && next",
    ),
    Spec(
        "actionPrevious",
        "&Previous photo",
        ("Left", "A"),
        "Show the photo before this one",
        "mdi6.chevron-left",
    ),
    Spec(
        "actionNext",
        "&Next photo",
        ("Right", "D"),
        "Show the photo after this one",
        "mdi6.chevron-right",
    ),
    Spec(
        "actionSave",
        "&Save",
        ("Ctrl+S",),
        "Save the mask of this photo without accepting it",
        "mdi6.content-save-outline",
    ),
    Spec(
        "actionOpenFolder",
        "&Open folder…",
        ("Ctrl+O",),
        "Open a folder of photos",
        "mdi6.folder-open-outline",
        short="Open",
    ),
    Spec(
        "actionOpenSamples",
        "Try the sa&mple photos",
        (),
        "Copy the sample photos to your data folder and open them",
    ),
    Spec(
        "actionSubfolders",
        "Photos in su&bfolders",
        (),
        "List the photos in folders inside this one as well; labels stay when you leave them out",
        checkable=True,
    ),
)

EDIT = (
    Spec("actionUndo", "&Undo", ("Ctrl+Z",), "Take back the last change of the mask", "mdi6.undo"),
    Spec(
        "actionRedo",
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Bring back what was taken back last",
        "mdi6.redo",
    ),
)

TOOLS = (
    _tool("actionBrush", "&Brush", "B", "Paint the chosen class", "mdi6.brush"),
    _tool("actionEraser", "&Eraser", "E", "Turn what you paint into background", "mdi6.eraser"),
    _tool("actionLasso", "&Lasso", "L", "Draw around a part to fill it", "mdi6.lasso"),
    _tool(
        "actionPolygon",
        "&Polygon",
        "P",
        "Click corner after corner to fill a part",
        "mdi6.vector-polygon",
    ),
    _tool(
        "actionRectangle",
        "&Rectangle",
        "R",
        "Fill a rectangle",
        "mdi6.vector-rectangle",
    ),
    _tool("actionFill", "&Fill", "F", "Fill a connected region", "mdi6.format-color-fill"),
    _tool(
        "actionSmart",
        "&Smart select",
        "S",
        "Click, draw roughly or draw a box: the photo's edges decide what is selected",
        "mdi6.auto-fix",
    ),
    Spec("actionBrushSmaller", "S&maller brush", ("[",), "Make the brush smaller"),
    Spec("actionBrushLarger", "Lar&ger brush", ("]",), "Make the brush larger"),
)

PAINT = (
    *(
        Spec(
            f"actionClass{int(label)}",
            NAMES[label].replace(letter, f"&{letter}", 1),
            (str(int(label)),),
            f"Paint {NAMES[label].lower()}",
            checkable=True,
            group="class",
        )
        for label, letter in zip(CLASSES, "tud", strict=True)
    ),
    Spec(
        "actionRestore",
        "M&odel's mask",
        ("4",),
        "Paint what the model predicted: any tool brings its mask back",
        "mdi6.history",
        checkable=True,
        group="class",
    ),
)

MASK = (
    Spec(
        "actionKeepBorder",
        "&Keep the border",
        ("Shift+B",),
        "While you paint, the border follows the pet's outline by itself",
        "mdi6.vector-radius",
        checkable=True,
    ),
    Spec(
        "actionLayBorder",
        "La&y the border",
        ("Ctrl+B",),
        "Lay a border of the usual width along the pet's whole outline",
        "mdi6.border-outside",
    ),
    Spec(
        "actionCleanUp",
        "&Clean up…",
        ("C",),
        "Fill holes, remove islands, smooth, grow or shrink, with a preview",
        "mdi6.broom",
    ),
    Spec(
        "actionResetPhoto",
        "Reset to t&he model's mask",
        ("Ctrl+R",),
        "Replace the whole mask by the model's prediction; undo brings yours back",
        "mdi6.restore",
    ),
)

VIEWS = (
    _view("actionViewOverlay", "&Overlay", "O", "The mask over the photo", "mdi6.layers-outline"),
    _view(
        "actionViewContour",
        "&Contour",
        "5",
        "Only the outlines of the mask",
        "mdi6.vector-polyline",
    ),
    _view("actionViewMask", "&Mask alone", "6", "The mask without the photo", "mdi6.contrast-box"),
    _view(
        "actionViewCutout", "C&ut-out", "7", "The pet on a chequered ground", "mdi6.checkerboard"
    ),
    _view(
        "actionViewProbability",
        "Proba&bility",
        "8",
        "How probable the model finds the chosen class",
        "mdi6.gradient-horizontal",
    ),
    _view(
        "actionViewUncertainty",
        "Unc&ertainty",
        "9",
        "Where the model is unsure",
        "mdi6.help-circle-outline",
    ),
    _view(
        "actionViewChanges",
        "Chan&ges",
        "X",
        "What differs between the prediction and the mask",
        "mdi6.vector-difference",
    ),
    _view(
        "actionViewModels",
        "Old and new mo&del",
        "M",
        "Where the model in use and the one before it differ",
        "mdi6.compare",
        short="Two models",
    ),
    Spec(
        "actionWipe",
        "&Wipe: before and after",
        ("W",),
        "A divider to drag in the views of changes and of models: before is left, after is right",
        "mdi6.compare-horizontal",
        checkable=True,
        short="Wipe",
    ),
    Spec("actionOverlayWeaker", "Mask wea&ker", (",",), "Let the mask cover the photo less"),
    Spec("actionOverlayStronger", "Mask &stronger", (".",), "Let the mask cover the photo more"),
)

ZOOM = (
    Spec(
        "actionZoomFit",
        "Zoom to &fit",
        ("0", "Ctrl+0"),
        "Show the whole photo",
        "mdi6.fit-to-screen",
    ),
    Spec(
        "actionZoomActual",
        "Zoom to &100 %",
        ("Ctrl+1",),
        "One pixel of the photo on one of the screen",
        "mdi6.numeric-1-box-outline",
    ),
    Spec("actionZoomIn", "Zoom &in", ("Ctrl++", "Ctrl+=", "+", "="), "Zoom in"),
    Spec("actionZoomOut", "&Zoom out", ("Ctrl+-", "-"), "Zoom out"),
)

MODEL = (
    Spec(
        "actionShowFineTune",
        "Fine-&tune panel",
        ("Ctrl+T",),
        "Show or hide the panel that teaches the model from your accepted masks",
        "mdi6.school-outline",
        checkable=True,
        short="Fine-tune",
    ),
    Spec(
        "actionModels",
        "&Models…",
        (),
        "Look at the models of this folder, compare them, and choose, name, export or import one",
    ),
    Spec(
        "actionFineTune",
        "&Start fine-tuning",
        ("Ctrl+Return",),
        "Teach a copy of the model from your accepted masks; you can go on working",
    ),
    Spec(
        "actionPauseFineTune",
        "&Pause fine-tuning",
        (),
        "Wait before the next step; nothing is lost",
    ),
    Spec(
        "actionCancelFineTune",
        "&Cancel fine-tuning",
        (),
        "End it and keep nothing of it",
    ),
)

PROGRAM = (
    Spec("actionShortcuts", "&Keyboard shortcuts", ("?",), "Show all keys"),
    Spec("actionAbout", "&About PetSeg", (), "Version and licence"),
    Spec("actionQuit", "&Quit", ("Ctrl+Q",), "Close PetSeg"),
)

SECTIONS: tuple[tuple[str, tuple[Spec, ...]], ...] = (
    ("Photos", PHOTOS),
    ("Review", REVIEW),
    ("List", LIST),
    ("Labels", EXCHANGE),
    ("Edit", EDIT),
    ("Tools", TOOLS),
    ("Paint", PAINT),
    ("Mask", MASK),
    ("Views", VIEWS),
    ("Zoom", ZOOM),
    ("Model", MODEL),
    ("Program", PROGRAM),
)
"""Every action, in the order in which the list of keys shows them."""

SPECS: tuple[Spec, ...] = tuple(spec for _, specs in SECTIONS for spec in specs)

TOOL_ACTIONS: dict[str, str] = {
    "brush": "actionBrush",
    "eraser": "actionEraser",
    "lasso": "actionLasso",
    "polygon": "actionPolygon",
    "rectangle": "actionRectangle",
    "fill": "actionFill",
    "smart": "actionSmart",
}
"""The action that chooses each tool of the canvas."""

VIEW_ACTIONS: dict[str, str] = {
    "overlay": "actionViewOverlay",
    "contour": "actionViewContour",
    "mask": "actionViewMask",
    "cutout": "actionViewCutout",
    "probability": "actionViewProbability",
    "uncertainty": "actionViewUncertainty",
    "changes": "actionViewChanges",
    "models": "actionViewModels",
}
"""The action that chooses each view of the canvas."""
