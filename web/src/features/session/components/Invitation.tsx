import { Alert, Anchor, Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { auth, data } from '@/shared/api/client';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { signIn } from '../store';
import { NewPassword } from './NewPassword';

/** The letter's link (its token behind #): choose a password, or give the one there is, and come in. */
export function Invitation() {
  const { t } = useTranslation('session');
  useDocumentTitle(`${t('invitation.title')} · Homeroom`);
  const token = useLocation().hash.slice(1);
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { name: '', password: '' } });
  useFieldErrors(form, problem);

  async function accept({ name, password }: typeof form.values) {
    const body = { password, ...(name.trim() && { name: name.trim() }) };
    const call = auth.POST('/invitations/{token}/accept', { params: { path: { token } }, body });
    const { email, school_id } = await data(call);
    await dispatch(signIn({ email, password, school_id })).unwrap();
  }

  if (!token) {
    return (
      <Stack>
        <Title order={1}>{t('invitation.title')}</Title>
        <Alert color="yellow">{t('invitation.noToken')}</Alert>
        <Anchor component={Link} to="/sign-in" size="sm">
          {t('toSignIn')}
        </Anchor>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit((fields) => void run(() => accept(fields)))}>
      <Stack>
        <Title order={1}>{t('invitation.title')}</Title>
        <Text c="dimmed">{t('invitation.text')}</Text>
        <TextInput
          label={t('name')}
          description={t('invitation.nameWhy')}
          autoComplete="name"
          size="md"
          {...form.getInputProps('name')}
        />
        <NewPassword label={t('password')} why={t('invitation.passwordWhy')} {...form.getInputProps('password')} />
        {!toldByFields(problem, ['name', 'password']) && <Failure problem={problem} />}
        <Button type="submit" size="md" loading={busy}>
          {t('invitation.action')}
        </Button>
        <Anchor component={Link} to="/sign-in" size="sm">
          {t('toSignIn')}
        </Anchor>
      </Stack>
    </form>
  );
}
