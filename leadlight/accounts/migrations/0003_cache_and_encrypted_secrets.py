from django.core.management import call_command
from django.db import migrations

from leadlight.accounts.second_factor import decrypted, encrypted

SECRETS = {'totp': 'secret', 'recovery_codes': 'seed'}


def create_cache_table(apps, schema_editor):
    call_command('createcachetable', database=schema_editor.connection.alias, verbosity=0)


def encrypt(apps, schema_editor):
    rewrite(apps, encrypted)


def decrypt(apps, schema_editor):
    rewrite(apps, decrypted)


def rewrite(apps, change):
    """Apply `change` to every TOTP secret, seed and migrated recovery code."""
    for row in apps.get_model('mfa', 'Authenticator').objects.filter(type__in=SECRETS):
        name = SECRETS[row.type]
        if name in row.data:
            row.data[name] = change(row.data[name])
        if 'migrated_codes' in row.data:
            row.data['migrated_codes'] = [change(code) for code in row.data['migrated_codes']]
        row.save(update_fields=['data'])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_holidays'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    operations = [
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
        migrations.RunPython(encrypt, decrypt),
    ]
