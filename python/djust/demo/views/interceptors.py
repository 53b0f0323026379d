"""The page of the interceptors: an ordinary Django view, whose exhibits are live views.

A page holds 16 live views, and this one as many when all of its tallies are shown.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.views.generic import TemplateView

from djust.demo.source import highlight

FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Exhibit:
    """One section: `name` is its anchor and the stem of its file, `views` are its live views.

    `script` is the static file of one that has an interceptor of its own.
    """

    name: str
    title: str
    text: str
    views: tuple[str, ...]
    script: str = ""

    @property
    def places(self):
        return [
            {"id": f"live-{name.lower()}", "view": f"djust.demo.exhibits.{self.name}.{name}"}
            for name in self.views
        ]

    @property
    def sources(self):
        yield source(f"exhibits/{self.name}.py", "python")
        if self.script:
            yield source(f"static/{self.script}", "javascript")


@cache
def source(file, language):
    text = (FOLDER / file).read_text(encoding="utf-8").strip()
    return {"file": file, "html": highlight(text, language)}


EXHIBITS = [
    Exhibit(
        "debounce",
        "Wait for a pause",
        "The event leaves 0.4 seconds after your last key, and after two seconds at the latest. "
        "Leave the field, and it goes at once.",
        ("DebounceView",),
    ),
    Exhibit(
        "throttle",
        "Not so often",
        "A slider says more than anybody wants to hear. At most four events a second leave; the "
        "last one always does.",
        ("ThrottleView",),
    ),
    Exhibit(
        "optimistic",
        "Before the server agrees",
        "The page shows what will be, in the frame of the click, wherever the template shows it. "
        "The answer confirms it, corrects it, or takes it back. The server refuses to mute.",
        ("OptimisticView",),
    ),
    Exhibit(
        "cache",
        "Asked before",
        "An answer is kept in the page for a minute, by its parameters. Watch the log: the second "
        "time nothing travels.",
        ("CacheView",),
    ),
    Exhibit(
        "client_state",
        "Shared between views",
        "Two views that know nothing of each other name the same key. What one of them sends, the "
        "other one hears.",
        ("ColorView", "ShirtView"),
    ),
    Exhibit(
        "drafts",
        "Half a letter",
        "What is typed into the forms of this view stays in the browser until the server has taken "
        "them: over a reload, a crash, a closed tab.",
        ("DraftsView",),
    ),
    Exhibit(
        "loading",
        "While it takes its time",
        "A button says that it is busy and cannot be pressed twice; other elements show that "
        "something is under way. A box that is locked takes no second click until its answer.",
        ("LoadingView",),
    ),
    Exhibit(
        "model",
        "A field of the view",
        "A control writes to an attribute, with its type. No handler is needed, and nothing that "
        "the class does not declare can be written.",
        ("ModelView",),
    ),
    Exhibit(
        "confirm",
        "Are you sure?",
        "The browser asks, before anything is sent. Or a script of the page does, in a dialog of "
        "its own: an interceptor sees each event first, and lets it pass at once, later, or never.",
        ("ConfirmView",),
        "djust_demo/ask.js",
    ),
    Exhibit(
        "target",
        "One part alone, and not too often",
        "The first button has only the dice rendered and sent; the number of rolls comes with the "
        "next whole answer. More than six rolls at once are refused, with a word when to go on.",
        ("DiceView",),
    ),
    Exhibit(
        "moments",
        "More than clicks",
        "An element says where it is scrolled to, that it is there, that somebody clicked beside "
        "it, or that its time has come. Each is one attribute.",
        ("MomentsView",),
    ),
    Exhibit(
        "commands",
        "Without a round trip",
        "Commands are written in Python and carried out by the page. Opening the form sends "
        "nothing; saving it closes it from the server.",
        ("CommandsView",),
    ),
    Exhibit(
        "views",
        "A view in a view",
        "Every exhibit here is a live view of its own, in an ordinary page, by one socket. This "
        "one has further views in it, which come and go.",
        ("TalliesView",),
    ),
]


class InterceptorsView(TemplateView):
    template_name = "djust_demo/interceptors.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(exhibits=EXHIBITS, **kwargs)
