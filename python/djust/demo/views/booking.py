"""A Django form that says what is wrong while you fill it in; also a form without JavaScript."""

from django import forms

from djust import LiveView, event_handler
from djust.decorators import debounce


class BookingForm(forms.Form):
    name = forms.CharField(max_length=40)
    email = forms.EmailField(label="E-mail")
    guests = forms.IntegerField(min_value=1, max_value=8, initial=2)
    seat = forms.ChoiceField(
        choices=[("window", "At the window"), ("terrace", "On the terrace")],
        initial="window",
        widget=forms.RadioSelect,
    )
    menu = forms.ChoiceField(choices=[("", "Choose later"), ("4", "Four courses")], required=False)
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    terms = forms.BooleanField(label="I come or I call", help_text="The table is kept 15 minutes.")


class BookingView(LiveView):
    template_name = "djust_demo/booking.html"

    def mount(self, request, **kwargs):
        self.seen = set()
        self.form = BookingForm()
        self.booked = None
        if request.GET:
            self.book(**request.GET.dict())

    @debounce(wait=0.3)
    @event_handler
    def check(self, field: str = "", **values):
        self.seen.add(field)
        self.form = BookingForm(values)
        for name in self.form.errors.keys() - self.seen:
            del self.form.errors[name]

    @event_handler
    def book(self, **values):
        self.seen = set(BookingForm.base_fields)
        self.form = BookingForm(values)
        self.booked = self.form.cleaned_data if self.form.is_valid() else None
