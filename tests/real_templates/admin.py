"""The admin of the library: filters, search, dates, actions, inlines and fieldsets."""

from django.contrib import admin

from tests.real_templates.models import Author, Book, Chapter, Tag


class ChapterInline(admin.TabularInline):
    model = Chapter
    extra = 2


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "language", "price", "published", "is_printed"]
    list_filter = ["language", "is_printed", "tags", "published"]
    list_editable = ["price"]
    list_per_page = 50
    search_fields = ["title", "author__name"]
    date_hierarchy = "published"
    filter_horizontal = ["tags"]
    inlines = [ChapterInline]
    fieldsets = [
        (None, {"fields": ["title", ("author", "language"), "tags"]}),
        ("Sale", {"fields": ["price", "published", "created", "is_printed"]}),
        ("More", {"fields": ["notes"], "classes": ["collapse"], "description": "For <i>us</i>."}),
    ]


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "email"]
    search_fields = ["name"]


admin.site.register(Tag)
