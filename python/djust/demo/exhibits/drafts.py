from djust import DraftModeMixin, LiveView, event_handler


class DraftsView(DraftModeMixin, LiveView):
    draft_key = "letter"
    draft_ttl = 24 * 3600
    template_string = """
        <form class="letter" dj-submit="send">
          <label for="to">To</label> <input id="to" name="to" autocomplete="off">
          <label for="text">Letter</label> <textarea id="text" name="text" rows="2"></textarea>
          <button class="solid">Send</button>
        </form>
        <p role="status">{{ said }}</p>
    """
    said = "Write something and reload the page."

    @event_handler
    def send(self, to: str = "", text: str = ""):
        self.said = f"Sent to {to or 'nobody'}: {len(text.split())} words. The draft is gone."
