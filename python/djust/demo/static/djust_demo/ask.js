// An interceptor of this page's own: events of an element with data-ask wait for a dialog.
addEventListener("DOMContentLoaded", () => {
  djust.use("ask", {
    event({ element }, next) {
      const dialog = document.querySelector(element?.dataset.ask || "#nothing");
      if (!dialog) return next();
      dialog.returnValue = "no";
      dialog.onclose = () => dialog.returnValue === "yes" && next();
      dialog.showModal();
    },
  });
});
