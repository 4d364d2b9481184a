import { Anchor, Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { registerSchool } from '../store';
import { NewPassword } from './NewPassword';

const FIELDS = { school_name: '', name: '', email: '', password: '' };

/** A new school and its first admin. */
export function Register() {
  const { t } = useTranslation('session');
  useDocumentTitle(`${t('register.title')} · Homeroom`);
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: FIELDS });
  useFieldErrors(form, problem);
  return (
    <form onSubmit={form.onSubmit((fields) => void run(() => dispatch(registerSchool(fields)).unwrap()))}>
      <Stack>
        <Title order={1}>{t('register.title')}</Title>
        <Text c="dimmed">{t('register.text')}</Text>
        <TextInput
          label={t('schoolName')}
          autoComplete="organization"
          required
          size="md"
          {...form.getInputProps('school_name')}
        />
        <TextInput label={t('name')} autoComplete="name" required size="md" {...form.getInputProps('name')} />
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          size="md"
          {...form.getInputProps('email')}
        />
        <NewPassword label={t('password')} {...form.getInputProps('password')} />
        {!toldByFields(problem, Object.keys(FIELDS)) && <Failure problem={problem} />}
        <Button type="submit" size="md" loading={busy}>
          {t('register.action')}
        </Button>
        <Anchor component={Link} to="/sign-in" size="sm">
          {t('toSignIn')}
        </Anchor>
      </Stack>
    </form>
  );
}
