import django.db.models.functions.comparison
from django.db import migrations, models

KIND = ('user_id', 'team_id', 'measure', 'activity_type_id', 'period', 'starts_on')


def keep_those_that_held(apps, schema_editor):
    """Delete all goals of one kind and first day except the last, the one that reports counted."""
    goals = apps.get_model('sales', 'Goal').objects
    last = {tuple(kind): pk for pk, *kind in goals.order_by('pk').values_list('pk', *KIND)}
    kept = set(last.values())
    for pk in list(goals.values_list('pk', flat=True)):
        if pk not in kept:
            goals.filter(pk=pk).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0004_shortcuts_opened_before'),
    ]

    operations = [
        migrations.RunPython(keep_those_that_held, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='goal',
            constraint=models.UniqueConstraint(django.db.models.functions.comparison.Coalesce('user', 0), django.db.models.functions.comparison.Coalesce('team', 0), models.F('measure'), django.db.models.functions.comparison.Coalesce('activity_type', 0), models.F('period'), models.F('starts_on'), name='one_goal_of_a_kind_from_a_day'),
        ),
    ]
