"""Forms with every widget that crispy-bootstrap5 has a template for."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from django import forms


class ContactForm(forms.Form):
    name = forms.CharField(help_text="Your <b>full</b> name")
    email = forms.EmailField()
    topic = forms.ChoiceField(choices=[("a", "Sales & more"), ("b", "Support")])
    ways = forms.MultipleChoiceField(
        choices=[("m", "Mail"), ("p", "Phone")], widget=forms.CheckboxSelectMultiple
    )
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")], widget=forms.RadioSelect)
    day = forms.SplitDateTimeField(required=False)
    text = forms.CharField(widget=forms.Textarea)
    file = forms.FileField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)
    agree = forms.BooleanField()


class HelperForm(ContactForm):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("name", css_class="col-6"), Column("email", css_class="col-6")),
            Fieldset("What & how", "topic", "ways", "size"),
            "text",
            "agree",
            Submit("send", "Send"),
        )


ExampleFormSet = forms.formset_factory(ContactForm, extra=2)
