/** The services' words as TypeScript types. */
import type { components as Auth } from './generated/auth';
import type { components as Classroom } from './generated/classroom';
import type { components as Files } from './generated/files';
import type { components as Grading } from './generated/grading';
import type { components as LectureChat } from './generated/lecture-chat';

export type AuthSchemas = Auth['schemas'];
export type ClassroomSchemas = Classroom['schemas'];
export type FileSchemas = Files['schemas'];
export type GradingSchemas = Grading['schemas'];
export type LectureSchemas = LectureChat['schemas'];

export type Role = AuthSchemas['Role'];
export type Account = AuthSchemas['Account'];
export type Bootstrap = ClassroomSchemas['Bootstrap'];
export type ClassroomPart = ClassroomSchemas['ClassroomPart'];
export type TopicPart = ClassroomSchemas['TopicPart'];
export type AssignmentPart = ClassroomSchemas['AssignmentPart'];
export type Kind = ClassroomSchemas['Kind'];
export type AttachedFile = ClassroomSchemas['AttachedFile'];
export type OwnGrade = ClassroomSchemas['OwnGrade'];
export type View = ClassroomSchemas['View'];
export type OwnWork = ClassroomSchemas['OwnWork'];
export type OwnNote = ClassroomSchemas['OwnNote'];
