"""Each exhibit of /interceptors/ does what stands beside it, and the log says what travelled."""

import re

import pytest
from conftest import PHONE, type_at_once
from playwright.sync_api import expect

PATH = "/interceptors/"


@pytest.fixture
def tab(visit):
    tab = visit(PATH)
    # All views are connected, and the log is at rest.
    expect(lines(tab).filter(has_text="mount of")).to_have_count(15)
    return tab


def lines(tab):
    return tab.page.locator("#wire-log li")


def exhibit(tab, name):
    return tab.page.locator(f"#{name}")


def sent(tab, handler):
    """The events of a handler in the log."""
    return lines(tab).filter(has_text=f".{handler}(")


def test_every_exhibit_is_a_live_view_beside_its_source(tab):
    sections = tab.page.locator(".exhibit")
    expect(sections).to_have_count(13)
    for section in sections.all():
        source = section.locator(".source").inner_text()
        views = section.locator(".stage > [dj-view]").all()
        assert views
        for view in views:
            name = view.get_attribute("dj-view").rpartition(".")[2]
            assert f"class {name}(" in source
            mounted = lines(tab).filter(has_text=f"mount of {name}")
            expect(mounted).to_have_count(1)
    assert len(tab.sockets) == 1


def test_typing_is_sent_when_it_pauses(tab):
    field = exhibit(tab, "debounce").get_by_label("Type a sentence")
    type_at_once(field, "to be or not")
    status = exhibit(tab, "debounce").get_by_role("status")
    expect(status).to_have_text("Heard 1 time: to be or not")
    expect(sent(tab, "hear")).to_have_count(1)


def test_a_slider_is_not_heard_more_often_than_it_may(tab):
    slider = exhibit(tab, "throttle").get_by_role("slider")
    slider.evaluate("""(slider) => {
      for (let level = 51; level <= 70; level++) {
        slider.value = level;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }""")
    expect(exhibit(tab, "throttle").get_by_role("status")).to_contain_text("70 of 100")
    expect(sent(tab, "set_level")).to_have_count(2)


def test_a_like_shows_before_the_server_agrees(tab):
    case = exhibit(tab, "optimistic")
    button = case.get_by_role("button")
    # The part that shows it comes when the view has said that it wants it.
    tab.page.wait_for_load_state("networkidle")
    case.evaluate("""(case_) => addEventListener("click", () => {
      const [button, status] = ["button", "[role=status]"].map((each) => case_.querySelector(each));
      window.seen = [button.innerText, button.ariaPressed, status.innerText.slice(0, 7)];
    })""")
    button.click()
    # All of it before the browser has told everybody of the click; the server takes its time.
    assert tab.page.evaluate("seen") == ["♥ liked", "true", "1 click"]
    expect(lines(tab).filter(has_text="update, OptimisticView")).to_have_count(1)
    expect(button).to_have_text("♥ liked")


def test_what_was_asked_before_is_answered_by_the_page(tab):
    case = exhibit(tab, "cache")
    status = case.get_by_role("status")
    for name, capital in [("Chile", "Santiago"), ("Kenya", "Nairobi"), ("Chile", "Santiago")]:
        case.get_by_role("button", name=name).click()
        expect(status).to_have_text(f"The capital of {name} is {capital}.")
    expect(sent(tab, "look_up")).to_have_count(2)


def test_a_view_hears_what_another_one_sends(tab):
    case = exhibit(tab, "client_state")
    case.get_by_label("Colour").select_option("orange")
    expect(case.get_by_role("status")).to_contain_text("a shirt in orange")
    expect(sent(tab, "on_color")).to_have_count(1)


def test_a_draft_survives_a_reload_and_goes_with_its_answer(tab):
    letter = exhibit(tab, "drafts").get_by_label("Letter")
    letter.press_sequentially("Dear all", delay=10)
    tab.until("Object.values(localStorage).some((draft) => draft.includes('Dear all'))")
    tab.page.reload()
    tab.connected()
    expect(letter).to_have_value("Dear all")
    exhibit(tab, "drafts").get_by_role("button", name="Send").click()
    expect(exhibit(tab, "drafts").get_by_role("status")).to_contain_text("2 words")
    tab.until("!Object.keys(localStorage).some((key) => key.startsWith('djust:draft'))")


def test_a_button_says_that_it_is_busy(tab):
    case = exhibit(tab, "loading")
    button = case.get_by_role("button")
    at_work = case.get_by_text("the server is at work", exact=True)
    expect(at_work).to_be_hidden()
    tab.page.wait_for_load_state("networkidle")
    at_work.evaluate("""(work) => addEventListener("click", () => {
      const { innerText, disabled } = work.closest(".exhibit").querySelector("button");
      window.seen = [innerText, disabled, work.checkVisibility()];
    })""")
    button.click()
    assert tab.page.evaluate("seen") == ["Saving …", True, True]
    expect(case.get_by_role("status")).to_have_text("Saved 1 time.")
    expect(button).to_have_text("Save")
    expect(button).to_be_enabled()
    expect(at_work).to_be_hidden()


def test_a_control_writes_to_a_field(tab):
    case = exhibit(tab, "model")
    case.get_by_label("Name").fill("  Ada ")
    case.get_by_label("late").check()
    expect(case.get_by_role("status")).to_have_text("Ada, 2, late")


def test_nothing_goes_without_consent(tab):
    case = exhibit(tab, "confirm")
    asked = []
    tab.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    case.get_by_role("button", name="Remove Birch").click()
    tab.page.once("dialog", lambda dialog: dialog.accept())
    case.get_by_role("button", name="Remove Oak").click()
    expect(case.locator("li")).to_have_text([re.compile("Birch"), re.compile("Maple")])
    assert asked == ["Remove Birch?"]
    expect(sent(tab, "remove")).to_have_count(1)


def test_a_script_of_the_page_may_ask_before_an_event_goes(tab):
    case = exhibit(tab, "confirm")
    button, dialog = case.get_by_role("button", name="Fell all of them"), case.get_by_role("dialog")
    assert "djust.use(" in case.get_by_role("region", name="ask.js").inner_text()
    button.press("Enter")
    expect(dialog).to_have_accessible_name("3 trees. Really?")
    expect(case.get_by_role("button", name="Keep them")).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    case.get_by_role("button", name="Keep them").click()
    expect(dialog).to_be_hidden()
    expect(case.locator("li")).to_have_count(3)
    button.click()
    case.get_by_role("button", name="Fell them").click()
    expect(case.locator("li")).to_have_text(["All gone. Reload for new ones."])
    expect(dialog).to_be_hidden()
    expect(sent(tab, "fell")).to_have_count(1)


def test_one_part_alone_is_rendered_and_not_too_often(tab):
    case = exhibit(tab, "target")
    dice, rolls = case.get_by_role("status"), case.locator(".rolls")
    case.get_by_role("button", name="Roll", exact=True).click()
    expect(dice).to_have_text(re.compile("[1-6] and [1-6]"))
    expect(sent(tab, "roll")).to_have_text([re.compile(r"DiceView\.roll\(\) for #dice")])
    assert rolls.inner_text() == "0 rolls"
    case.get_by_role("button", name="Roll and count").click()
    expect(rolls).to_have_text("2 rolls")
    tab.page.keyboard.press("Escape")
    expect(dice).to_have_text("No dice.")
    case.get_by_role("button", name="Roll and count").evaluate(
        "(button) => { for (let n = 0; n < 12; n++) button.click() }"
    )
    expect(tab.page.get_by_text("Please try again in 1 second.")).to_be_visible()


def test_a_box_is_locked_until_its_answer(tab):
    case = exhibit(tab, "loading")
    box = case.get_by_label("save this way")
    box.evaluate("(box) => { box.click(); box.click() }")
    expect(case.get_by_role("status")).to_have_text("Saved 1 time.")
    expect(sent(tab, "save")).to_have_count(1)
    expect(box).to_be_checked()


def test_a_box_shows_its_click_until_the_server_refuses(tab):
    box = exhibit(tab, "optimistic").get_by_label("mute")
    box.click()
    assert box.is_checked()
    expect(sent(tab, "mute")).to_have_count(1)
    expect(box).not_to_be_checked()


def test_elements_say_what_happens_to_them(tab):
    case = exhibit(tab, "moments")
    case.get_by_role("region", name="A long list").focus()
    tab.page.keyboard.press("End")
    expect(case.locator(".read")).to_have_text("Read to 100 %.")
    case.get_by_role("button", name="Open the menu").click()
    menu = case.locator(".menu")
    expect(menu).to_have_text(re.compile("Opened 1 time"))
    menu.click()
    expect(menu).to_be_visible()
    tab.page.locator("h1").click()
    expect(menu).to_have_count(0)
    expect(sent(tab, "close")).to_have_count(1)
    case.get_by_label("Ask once a second").check()
    expect(case.locator(".asked")).to_have_text(re.compile(r"Asked ([2-9]|\d\d+) times\."))
    case.get_by_label("Ask once a second").uncheck()
    expect(case.locator(".asked")).to_have_count(0)


def test_commands_need_no_server(tab):
    case = exhibit(tab, "commands")
    before = lines(tab).count()
    case.get_by_role("button", name="Rename").click()
    field = case.get_by_label("New name")
    expect(field).to_be_focused()
    case.get_by_role("button", name="Cancel").click()
    expect(field).to_be_hidden()
    assert lines(tab).count() == before
    case.get_by_role("button", name="Rename").click()
    field.fill("Letter")
    field.press("Enter")
    expect(case.locator("b")).to_have_text("Letter")
    expect(field).to_be_hidden()


def test_views_come_and_go_and_count_on_their_own(tab):
    case = exhibit(tab, "views")
    case.get_by_role("button", name="Ayes").click()
    case.get_by_role("button", name="One more view").click()
    case.get_by_role("button", name="Noes").click()
    expect(case.locator(".tallies button")).to_have_text(["Ayes: 1", "Noes: 1"])
    expect(lines(tab).filter(has_text="join: TallyView")).to_have_count(1)
    case.get_by_role("button", name="One fewer").click()
    expect(case.locator(".tallies button")).to_have_count(1)
    expect(lines(tab).filter(has_text="leave, TallyView")).to_have_count(1)


def test_on_a_phone_the_log_is_out_of_the_way(visit):
    page = visit(PATH, viewport=PHONE).page
    expect(page.locator("#wire-log")).to_be_hidden()
    page.get_by_text("What travels", exact=True).click()
    expect(page.locator("#wire-log")).to_be_visible()


def test_with_reduced_motion_nothing_moves(visit):
    page = visit(PATH, reduced_motion="reduce").page
    assert page.evaluate("document.getAnimations().length") == 0


def by_keyboard(tab):
    """Goes through the page with keys alone; what it does it does where the focus is."""
    keyboard = tab.page.keyboard

    def press(*keys):
        for key in keys:
            keyboard.press(key)

    def reach(name, label):
        """Presses Tab until a control of an exhibit has the focus."""
        is_there = f"document.activeElement.closest('#{name}') && {LABEL} === {label!r}"
        for _ in range(30):
            press("Tab")
            if tab.page.evaluate(is_there):
                return exhibit(tab, name)
        raise AssertionError(f"{label} was not reached: {tab.page.evaluate(LABEL)}")

    return press, reach, keyboard.type


# What a person is told of the control that has the focus.
LABEL = (
    "(({ labels, ariaLabel, textContent }) => ariaLabel ?? (labels?.[0] ?? { textContent })"
    ".textContent.trim())(document.activeElement)"
)


@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}],
    ids=["desktop", "phone"],
)
def test_every_exhibit_is_operated_by_the_keyboard_alone(visit, options):
    tab = visit(PATH, **options)
    press, reach, write = by_keyboard(tab)

    case = reach("debounce", "Type a sentence")
    write("to be")
    press("Tab")
    expect(case.get_by_role("status")).to_have_text("Heard 1 time: to be")

    press("Shift+Tab")
    case = reach("throttle", "Drag me, or hold an arrow key")
    press("ArrowLeft", "Home", "End")
    expect(case.get_by_role("status")).to_contain_text("100 of 100")

    case = reach("optimistic", "♡ like")
    press(" ")
    assert case.get_by_role("button").inner_text() == "♥ liked"
    reach("optimistic", "mute")
    press(" ")
    assert case.get_by_label("mute").is_checked()
    expect(case.get_by_label("mute")).not_to_be_checked()

    for country, capital in [("Chile", "Santiago"), ("Kenya", "Nairobi")]:
        case = reach("cache", country)
        press("Enter")
        expect(case.get_by_role("status")).to_contain_text(capital)

    case = reach("client_state", "Colour")
    press("ArrowDown")
    expect(case.get_by_role("status")).to_contain_text("a shirt in orange")

    reach("drafts", "To")
    write("Ada")
    case = reach("drafts", "Letter")
    write("Dear Ada")
    reach("drafts", "Send")
    press("Enter")
    expect(case.get_by_role("status")).to_contain_text("Sent to Ada: 2 words")

    case = reach("loading", "Save")
    press("Enter")
    expect(case.get_by_role("button")).to_have_text("Saving …")
    expect(case.get_by_role("status")).to_have_text("Saved 1 time.")
    expect(case.get_by_role("button")).to_be_focused()
    reach("loading", "save this way")
    press(" ", " ")
    expect(case.get_by_role("status")).to_have_text("Saved 2 times.")
    expect(case.get_by_label("save this way")).to_be_checked()

    case = reach("model", "Name")
    write("Ada")
    reach("model", "Guests")
    press("ArrowUp")
    reach("model", "late")
    press(" ")
    expect(case.get_by_role("status")).to_have_text("Ada, 3, late")

    tab.page.once("dialog", lambda dialog: dialog.accept())
    case = reach("confirm", "Remove Birch")
    press("Enter")
    expect(case.locator("li")).to_have_count(2)
    reach("confirm", "Fell all of them")
    press("Enter")
    expect(case.get_by_role("button", name="Keep them")).to_be_focused()
    press("Tab", "Enter")
    expect(case.locator("li")).to_have_text(["All gone. Reload for new ones."])

    case = reach("target", "Roll")
    press("Enter")
    reach("target", "Roll and count")
    press(" ")
    expect(case.locator(".rolls")).to_have_text("2 rolls")
    press("Escape")
    expect(case.get_by_role("status")).to_have_text("No dice.")

    case = reach("moments", "A long list")
    press("End")
    expect(case.locator(".read")).to_have_text("Read to 100 %.")
    reach("moments", "Open the menu")
    press("Enter")
    expect(case.locator(".menu")).to_have_text(re.compile("Opened 1 time"))
    reach("moments", "Ask once a second")
    press(" ")
    expect(case.locator(".menu")).to_have_count(0)
    expect(case.locator(".asked")).to_have_text("Asked 1 time.")
    press(" ")
    expect(case.locator(".asked")).to_have_count(0)

    case = reach("commands", "Rename")
    press("Enter")
    expect(case.get_by_label("New name")).to_be_focused()
    write("Letter")
    press("Enter")
    expect(case.locator("b")).to_have_text("Letter")
    expect(case.get_by_role("button", name="Rename")).to_be_focused()
    press("Enter")
    reach("commands", "Cancel")
    press(" ")
    expect(case.get_by_label("New name")).to_be_hidden()
    expect(case.get_by_role("button", name="Rename")).to_be_focused()

    case = reach("views", "One more view")
    press("Enter")
    expect(case.get_by_role("button", name="Noes: 0")).to_be_visible()
    reach("views", "Noes: 0")
    press("Enter")
    expect(case.get_by_role("button", name="Noes: 1")).to_be_focused()


def test_every_control_is_reached_by_the_keyboard_and_not_covered_by_the_log(tab):
    reached = """() => {
      const { activeElement: element } = document;
      const log = document.querySelector(".wire");
      const isCovered = element.getBoundingClientRect().bottom > log.getBoundingClientRect().top;
      return element.closest(".stage") && (element.focused = !isCovered);
    }"""
    while tab.page.evaluate("!document.activeElement.closest('.wire')"):
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate(reached) is not False
    controls = ".stage :is(button, input, select, textarea, [tabindex])"
    left = f"[...document.querySelectorAll('{controls}')].filter((c) => !c.focused && c.checkVisibility())"
    assert tab.page.evaluate(f"{left}.map((control) => control.outerHTML)") == []
