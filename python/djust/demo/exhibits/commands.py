from djust import JS, LiveView, event_handler


class CommandsView(LiveView):
    template_string = """
        <p class="tools"><button id="open" dj-click="{{ open }}">Rename</button>
          <b>{{ name }}</b></p>
        <form id="rename" hidden dj-submit="rename">
          <label for="new-name">New name</label>
          <input id="new-name" name="name" autocomplete="off" required>
          <p class="tools"><button>Save</button>
          <button type="button" dj-click="{{ close }}">Cancel</button></p>
        </form>
    """
    name = "Untitled"
    open = JS.show("#rename").focus("#new-name")
    close = JS.hide("#rename").focus("#open")

    @event_handler
    def rename(self, name: str):
        self.name = name
        self.push_commands(self.close)
