import { Button, Card, Code, CopyButton, Group, Radio, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { schoolRenamed } from '@/features/session/store';
import { FileRules } from '@/features/uploads/components/FileRules';
import { StoredFiles } from '@/features/uploads/components/StoredFiles';
import type { AuthSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { useChangeSchoolMutation, useSchoolQuery } from '../api';
import { ApiTokens } from './ApiTokens';
import { Providers } from './Providers';

const POLICIES = ['none', 'admins', 'staff'] as const;

/** What the school is called, who needs a second factor, what may be uploaded, and its sign-in providers. */
export function School() {
  const { t } = useTranslation('school');
  const query = useSchoolQuery();
  return (
    <Page title={t('title')} narrow>
      <Resource query={query}>
        {(school) => (
          <>
            <Settings school={school} />
            <Card>
              <Title order={2}>{t('signInLink')}</Title>
              <Text size="sm" c="dimmed" mb="xs">
                {t('signInLinkText')}
              </Text>
              <SignInLink address={`${window.location.origin}/sign-in?school=${school.id}`} />
            </Card>
            <StoredFiles of="school" />
            <FileRules />
            <Providers />
            <ApiTokens />
          </>
        )}
      </Resource>
    </Page>
  );
}

function SignInLink({ address }: { address: string }) {
  const { t } = useTranslation('school');
  return (
    <Group gap="sm">
      <Code flex={1} p="xs" miw={0} style={{ overflowWrap: 'anywhere' }}>
        {address}
      </Code>
      <CopyButton value={address}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          >
            {t(copied ? 'copied' : 'copyLink')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}

function Settings({ school }: { school: AuthSchemas['School'] }) {
  const { t } = useTranslation('school');
  const [change] = useChangeSchoolMutation();
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { name: school.name, second_factor: school.second_factor } });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(
    (body) =>
      void run(
        async () => {
          const { name } = await change(body).unwrap();
          dispatch(schoolRenamed(name));
        },
        t('saved', { ns: 'common' }),
      ),
  );
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label={t('name')} required maxLength={200} {...form.getInputProps('name')} />
          <Radio.Group label={t('factor')} description={t('factorText')} {...form.getInputProps('second_factor')}>
            <Stack gap="xs" mt="xs">
              {POLICIES.map((policy) => (
                <Radio key={policy} value={policy} label={t(`policy.${policy}`)} />
              ))}
            </Stack>
          </Radio.Group>
          {!toldByFields(problem, ['name']) && <Failure problem={problem} />}
          <Group>
            <Button type="submit" loading={busy}>
              {t('save', { ns: 'common' })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
