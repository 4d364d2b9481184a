import {
  ActionIcon,
  Button,
  Card,
  Code,
  Collapse,
  Group,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ask } from '@/shared/components/ask';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAddProviderMutation, useProvidersQuery, useRemoveProviderMutation } from '../api';

const BLANK = { name: '', issuer: '', client_id: '', client_secret: '' };

/** OpenID Connect: sign in with what the school has already. */
export function Providers() {
  const { t } = useTranslation('school');
  const query = useProvidersQuery();
  const [remove] = useRemoveProviderMutation();
  const { run } = useAction();
  const [adding, form] = useDisclosure(false);
  return (
    <Card>
      <Group justify="space-between">
        <Title order={2}>{t('providers')}</Title>
        <Button size="sm" variant="default" onClick={form.toggle} aria-expanded={adding}>
          {t('addProvider')}
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {t('providersText')}
      </Text>
      <Collapse in={adding}>
        <AddProvider onDone={form.close} />
      </Collapse>
      <Resource query={query}>
        {({ items }) => (
          <Stack gap="sm">
            {items.map((one) => (
              <Group key={one.id} justify="space-between" wrap="nowrap" align="flex-start">
                <div style={{ minWidth: 0 }}>
                  <Text fw={550}>{one.name}</Text>
                  <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    {one.issuer} · <Code>{one.redirect_uri}</Code>
                  </Text>
                </div>
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={t('removeProvider', { name: one.name })}
                  onClick={() =>
                    ask({
                      title: t('removeProvider', { name: one.name }),
                      text: t('removeProviderText'),
                      action: t('delete', { ns: 'common' }),
                      onYes: () => void run(() => remove(one.id).unwrap()),
                    })
                  }
                >
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              </Group>
            ))}
          </Stack>
        )}
      </Resource>
    </Card>
  );
}

function AddProvider({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('school');
  const [add] = useAddProviderMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: BLANK });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(async (body) => {
    if (await run(() => add(body).unwrap())) {
      form.reset();
      onDone();
    }
  });
  return (
    <form onSubmit={submit}>
      <Stack pb="md">
        <TextInput label={t('providerName')} required {...form.getInputProps('name')} />
        <TextInput
          label={t('issuer')}
          placeholder="https://accounts.google.com"
          required
          {...form.getInputProps('issuer')}
        />
        <TextInput label={t('clientId')} required {...form.getInputProps('client_id')} />
        <PasswordInput label={t('clientSecret')} required autoComplete="off" {...form.getInputProps('client_secret')} />
        {!toldByFields(problem, Object.keys(BLANK)) && <Failure problem={problem} />}
        <Button type="submit" loading={busy} w="fit-content">
          {t('save', { ns: 'common' })}
        </Button>
      </Stack>
    </form>
  );
}
