import { Button, ColorSwatch, Group, Input, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/shared/api/problem';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { CLASSROOM_COLOURS } from '@/shared/theme';

export interface ClassroomFields {
  title: string;
  subject: string;
  colour: string | null;
}

interface Props {
  initial: ClassroomFields;
  action: string;
  busy: boolean;
  problem: Problem | null;
  onSave: (fields: { title: string; subject: string | null; colour: string | null }) => void;
}

/** Name, subject and colour of a classroom. */
export function ClassroomForm({ initial, action, busy, problem, onSave }: Props) {
  const { t } = useTranslation('classrooms');
  const form = useForm<ClassroomFields>({ initialValues: initial });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(({ title, subject, colour }) =>
    onSave({ title: title.trim(), subject: subject.trim() || null, colour }),
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('form.title')}
          description={t('form.titleHint')}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps('title')}
        />
        <TextInput label={t('form.subject')} maxLength={200} {...form.getInputProps('subject')} />
        <Input.Wrapper label={t('form.colour')} labelElement="div">
          <Group gap="xs" mt={4} role="radiogroup" aria-label={t('form.colour')}>
            {CLASSROOM_COLOURS.map((colour) => (
              <UnstyledButton
                key={colour}
                role="radio"
                aria-checked={form.values.colour === colour}
                aria-label={colour}
                onClick={() => form.setFieldValue('colour', colour)}
              >
                <ColorSwatch color={colour} size={34} radius="md" c="white">
                  {form.values.colour === colour && <IconCheck size={18} aria-hidden />}
                </ColorSwatch>
              </UnstyledButton>
            ))}
          </Group>
        </Input.Wrapper>
        {!toldByFields(problem, ['title', 'subject', 'colour']) && <Failure problem={problem} />}
        <Button type="submit" loading={busy} w="fit-content">
          {action}
        </Button>
      </Stack>
    </form>
  );
}
