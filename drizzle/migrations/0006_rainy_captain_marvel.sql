CREATE TABLE "managed_profiles" (
	"suite_id" text NOT NULL,
	"name" text NOT NULL,
	"profile" jsonb NOT NULL,
	CONSTRAINT "managed_profiles_suite_id_name_pk" PRIMARY KEY("suite_id","name")
);
