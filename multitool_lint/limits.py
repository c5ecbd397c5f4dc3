"""Every limit, with what it protects.

Real input stays far below the limits on work: they exist so that no file, however it is made, takes
minutes or gigabytes. What is beyond one is reported as not read, not checked or not decided.
"""

# Texts and trees
MAX_FILE_BYTES = 128 * 2**20
"""Memory: any file that is read as a whole, a system's endless ones included."""
MAX_SELF_STEPS = 8
"""Time: variables of the Serverless Framework that refer to one another."""
MAX_SNIFFED_BYTES = 2**20
"""Time: of a file of another name than those of the formats, what is searched for a policy."""

MAX_REPAIRED_MISTAKES = 10
"""Time: each mistake in JSON that is plain is overwritten, and the text read again."""
MAX_REPLACED_VALUES = 10
"""Time: earlier values of repeated keys, with each of which the policy is checked once more."""
MAX_TREE_DEPTH = 100
"""The stack: trees are walked recursively. IAM's grammar nests ten times less."""
MAX_YAML_DEPTH = 150
"""The stack, in the events of YAML, of which a level of a policy takes several."""
MAX_POINTER_CHARACTERS = 10_000_000
"""Memory: each pointer repeats the keys that lead to it."""
MAX_FAST_CHARACTERS = 200_000
"""Exact messages: longer texts are left to the parser that says where there is too much."""
MAX_FAST_DEPTH = 50
"""Exact messages, in the same way."""
MAX_FAST_POINTER_CHARACTERS = 1_000_000
"""Exact messages, in the same way."""
MAX_MERGED_MEMBERS = 100_000
"""Memory: each YAML merge of a merge may double its members."""
MAX_ACTION_LINES = 500
"""Time: lines of YAML that are actions of a template, each compared with those next to it."""
MAX_YAML_COMMENTS = 5_000
"""Time: each comment is looked up among all values."""
MAX_HCL_CHARACTERS = 5_000_000
"""Memory: a tree of HCL takes a hundred times that of its text."""
MAX_RECOVERED_PARTS = 2_000
"""Time: parts of a file of HCL with a mistake that are read each by itself."""
MAX_JOINED_PARTS = 8
"""Time: how many of them are read as one: a here document can have lines like theirs."""
MAX_STRING_LAYERS = 4
"""Time: JSON in a string in a string, each layer decoded again."""
MAX_NAMING_CHARACTERS = 300
"""Time: characters around a text in a script that are searched for the name of its file."""
MAX_PARAGRAPH_CHARACTERS = 2_000
"""Time: the end of a paragraph above a block of code that is read for the type of its policy."""
MAX_COMMAND_CHARACTERS = 4_000
"""Time: characters of a command that attaches policies, which are compared."""
MAX_OWN_POLICIES = 100
"""Time: policies that a script creates, whose names are looked for in its commands."""
MAX_VARIABLE_DEPTH = 4
"""Time: variables of a script that are given one another."""
MAX_SCRIPT_WORDS = 500
"""Time: words of a script that are read for the values of one argument."""
MAX_PATH_CHARACTERS = 4_096
"""Time: no path that a pattern is compared with is longer; PATH_MAX of Linux."""
MAX_ALIGNMENTS = 20_000
"""Time: comparisons of two lists; longer ones are replaced as a whole."""

# Templates and Terraform
MAX_TEMPLATE_VALUES = 100_000
"""Memory: aliases of aliases and locals of locals make billions of values from a few lines."""
MAX_TERRAFORM_VALUES = 100_000
"""Time: the values of all policies of a Terraform file, those of locals each time they are used."""
MAX_BRANCH_VALUES = 10_000
"""Time: the values of a Terraform file's policies in all cases of conditions in their elements;
beyond, what such a condition decides is unknown."""
MAX_EXPRESSION_DEPTH = 50
"""The stack: nested values and references of Terraform."""
MAX_MERGED_CHOICES = 4
"""Time: conditions in a merged object, each of which doubles what it may be."""
MAX_FOLDERS_ABOVE = 5
"""Time: folders around a module that may call it."""
MAX_LOCAL_REFERENCES = 10
"""Time: a local value that refers to a local value, and so on."""
MAX_POLICIES_OF_GROUP = 25
"""Time: policies of a group that each of its users has; AWS attaches at most 10 to one."""
MAX_IDENTITY_CONDITIONS = 5
"""Time: conditions of the policies of an identity, which are combined in each case."""
MAX_ROLE_CHAIN = 5
"""Time: roles that are assumed one after the other to do what is asked."""
MAX_TRIED_REQUESTS = 300
"""Time: requests that are tried for an example of what an answer depends on."""
MAX_TRIED_VALUES = 8
"""Time: values of one condition key that are tried for it."""
MAX_ASSUMED_ROLES = 10
"""Time: roles that are assumed one after the other, where a rule follows them."""
MAX_ARN_CHARACTERS = 2048
"""Memory: longer values of resources in a plan name nothing."""
MAX_KEPT_POLICIES = 100
"""Memory: managed policies of an account that are kept for the next identity that has them."""
MAX_TEMPLATE_CONDITIONS = 200
"""Time: the conditions of a template that are evaluated."""
MAX_CONDITION_ASSIGNMENTS = 512
"""Time: combinations of the values of parameters."""
MAX_CONDITION_CASES = 16
"""Time: the cases of a policy under conditions that are linted; more are reported as not read."""
MAX_JOINT_CASES = 2_000
"""Time: the cases of the conditions of two versions of a template that are distinguished."""
MAX_TEMPLATE_TAGS = 500
"""Time: the tags of a text template, each of which is read in every case."""
MAX_CONDITION_DEPTH = 20
"""The stack: conditions of conditions."""
MAX_PROPERTY_BRANCHES = 60
"""Time: branches of `Fn::If` around a property."""
MAX_MERGED_VALUES = 50_000
"""Time: values of the documents that data sources of a file merge, each time that one does."""
MAX_REFERENCED_CHARACTERS = 1_000_000
"""Memory: the files that a file names for its statements, each as often as it is named."""
MAX_NAMED_FILES = 100
"""Time: the files that a compared file names, and these name, or that a name with open parts may
mean; further ones are not compared, and not linted because of it."""
MAX_RELABELLED = 400
"""Time: resources that are gone or new, of which those are looked for that only have another
address; of more, none is."""
MAX_OTHER_FILES = 100
"""Time: the files that are read for what their policies allow, where another one denies less."""
MAX_SEARCHED_FILES = 2_000
"""Time: files of a revision that are searched for texts one by one; git searches more."""
MAX_TERRAFORM_FOLDER_BYTES = 3_000_000
"""Time: the other files of a folder that are read for what one of them refers to."""
MAX_BLOCK_DEPTH = 20
"""The stack: blocks in blocks; resources nest less."""
MAX_TERRAFORM_POINTER = 2_000
"""Memory: the characters of one pointer."""
MAX_PLAN_DEPTH = 20
"""The stack: the values of a resource in a plan."""
MAX_PLAN_MODULES = 60
"""The stack: modules in modules."""
MAX_AWS_OUTPUT_DEPTH = 10
"""The stack: what the AWS CLI prints."""
MAX_COMPARED_VALUES = 300_000
"""Work: values of the statements that have changed between two deployments."""
MAX_TERMS = 3_000_000
"""Work: values that the expressions of one deployment are evaluated to."""
MAX_TERM_CHARACTERS = 4_000_000
"""Memory: a text that expressions put together. Real policies have a thousandth of it."""
MAX_STATEMENT_CASES = 16
"""Time: cases of the conditions and keys that decide parts of a statement, in a comparison."""
MAX_OPTIONAL_ITEMS = 4
"""Time: items of unknown collections in a list of a statement that are compared one by one."""
MAX_STATEMENTS_IN_CODE = 50
"""Time: statements in a program of a template, which are compared one by one."""
MAX_NESTED_CHOICES = 4
"""Work: choices within a choice, whose cases double with each."""
MAX_TEXT_CHOICES = 6
"""Work: choices in a text that is not JSON before they are made."""
MAX_MODULES = 3_000
"""Work: modules of a deployment, each instance counted."""
MAX_STEPS_TO_A_ROLE = 3
"""From what runs to its role: over a launch template and an instance profile, say."""

MAX_MODULE_DEPTH = 10
"""The stack: modules that call each other."""
MAX_INSTANCES = 200
"""Work: instances of a block with a `count` that is known."""
MAX_READ_INSTANCES = 30
"""Time: instances of a block whose policies are read, each of them by itself."""
MAX_LINKS = 8
"""Work: links on the way to a file that lead to each other."""

# Policies
MAX_STATEMENTS = 1_000
"""Time: a key policy, the largest of all, has room for some 500; more in a template are not
rewritten."""
MAX_POLICY_VALUES = 10_000
"""Time: values of any kind; a key policy has room for some 5,000."""
MAX_SOURCE_VALUES = 50_000
"""Time: values of all policies of a file, a megabyte as people write them."""
MAX_OPEN_PATTERNS = 100
"""Time: patterns such as `*:*Tag*`, which are compared with the actions of all services."""
MAX_OUTLINED_MEMBERS = 20
"""Memory: members that are kept of an object after another limit, so that it stays one."""
MAX_GRAMMAR_ERRORS = 5_000
"""Time: mistakes in the grammar that are explained."""
MAX_PATTERN_PRODUCT = 1_000_000
"""Time: the product of the lengths of two patterns that are compared; real ones have 200 or so."""
MAX_PATTERN_STATES = 64
"""Time: sets of positions in the comparison of two patterns."""
MAX_COMPARISONS = 50_000
"""Time: pairs of values or of statements of a policy that are compared."""
MAX_TAG_SETTERS = 2
"""Time: statements that set tags, each of which needs a tag that the next one sets."""
MAX_RESOURCE_PARTS = 4
"""Time: the parts of the name of a resource around which others are compared."""
MAX_ACTION_COMPARISONS = 200_000
"""Time: pairs of actions of a statement that are compared."""
MAX_STATEMENT_SCOPES = 20_000
"""Time: combinations of resource and principal of a statement; beyond, only equal text is equal."""
MAX_SCOPE_COMPARISONS = 400_000
"""Time: pairs of such combinations and as long steps, in all cases of a file together; beyond, a
comparison is undecided."""
MAX_COVERAGE_COMPARISONS = 100_000
"""Time: the same in a check; beyond, a statement counts as not covered by others."""
MAX_PATTERN_CELL_STEPS = 20_000
"""Time: sets of positions in the comparison of all patterns of a key; beyond, it is undecided."""
MAX_REQUEST_KINDS = 5_000
"""Time: kinds of values of a key that conditions distinguish; beyond, a comparison is undecided."""
MAX_REFERENCE_SERVICES = 16
"""Time: services of a difference whose actions are grouped by what they act on; beyond, all is
possible."""
MAX_REFERENCE_FORMATS = 16
"""Time: groups of such actions that are compared; beyond, any resource is possible."""
MAX_COMBINED_KINDS = 100_000
"""Time: combinations of these for several keys at a time; beyond, a comparison is undecided."""
MAX_ASSUMED_READINGS = 12
"""Time: values for what a template fills in, by which an example of a difference is looked for."""
MAX_ASSUMED_COMPARISONS = 60_000
"""Time: comparisons of scopes to find such examples; beyond, a difference has none."""
MAX_SCOPED_ACTIONS = 500
"""Time: actions that a rule of the organisation evaluates one by one."""
MAX_DENIAL_COMPARISONS = 100_000
"""Time: granted with denied resources; beyond, nothing counts as denied."""
MAX_PARLIAMENT_MICROSECONDS = 1_000_000
"""Time: what parliament is estimated to take for a file; beyond, it is not asked."""
MAX_PARLIAMENT_ITSELF_MICROSECONDS = 60_000_000
"""Time: what parliament is estimated to take for a policy where it is the engine; beyond, fails."""
MAX_CHECK_PLANS = 1_024
"""Memory: sets of checks that are kept, by the features of policies."""
MAX_ACTION_SUMMARIES = 32_768
"""Memory: actions whose status is kept."""
MAX_TRIED_CHARACTERS = 120_000
"""Time: what fixes of a policy make of it, to be linted; beyond, a fix is not offered."""

# Rewrites
MAX_WRITTEN_CHARACTERS = 1_000_000
"""Memory: what a rewrite puts into a file; a list of all actions of AWS is shorter."""
MAX_FIX_ROUNDS = 100
"""Time: rounds in which fixes make further fixes possible."""
MAX_MERGED_CONDITIONS = 20
"""Memory: conditions of a statement that `shrink` merges with others; real ones have a few."""
MAX_SHRINK_PASSES = 10
"""Time: passes over a policy until nothing gets shorter."""
MAX_USAGE_VALUE_BYTES = 1 << 25
"""Memory: one record of use with the blanks before it; CloudTrail cuts its records at 256 KB."""
MAX_GZIP_RATIO = 50
"""Time: what a packed record of use unpacks to; CloudTrail's unpack to 10 to 20 times."""
MAX_SMALL_GZIP_BYTES = 1 << 22
"""Time: what any packed record of use may unpack to."""
MAX_USAGE_DEPTH = 200
"""The stack: a record of use."""

# Runs
MAX_PROCESSES = 8
"""Memory: to find, read and report files takes a ninth of the time of linting them."""
MAX_WINDOWS_PROCESSES = 61
"""Windows waits for no more."""
MAX_BATCH_FILES = 256
"""Memory: files that a process gets at once."""
MAX_BATCH_CHARACTERS = 1_000_000
"""Memory: characters that a process gets at once."""
MAX_CACHE_BYTES = 256 * 2**20
"""Disk: beyond, the older half of the reports is dropped."""
MAX_CACHE_DAYS = 60
"""Disk: how long a report is kept that nothing asks for."""
MAX_GIT_SECONDS = 60
"""Time: how long git is waited for; settings that it reads may be a pipe."""
MAX_LINKS = 40
"""Time: symbolic links that a path is followed through in a revision, as many as on Linux."""
MAX_GIT_PATTERNS = 200
"""The length of a command line: names that git is asked for at once."""

# Messages and reports: what is beyond is counted
MAX_LISTED_NAMES = 5
"""The length of a message: names."""
MAX_LISTED_FORMATS = 2
"""The length of a message: formats of ARNs."""
MAX_LISTED_ELEMENTS = 9
"""The length of a message: elements of a statement, which has nine."""
MAX_LISTED_DIFFERENCES = 3
"""The length of a message: differences between two policies."""
MAX_LISTED_ACTIONS = 10
"""The length of a note: actions."""
MAX_NOTED_ACTIONS = 3
"""The length of a note: actions of a finding that is joined to another one."""
MAX_LISTED_CHANGES = 8
"""The output of `diff`: actions of an access level."""
MAX_LISTED_SERVICES = 10
"""The output of `diff`: services of a difference, with their actions."""
MAX_LISTED_TYPES = 4
"""The output of `query`: resource types of an action."""
MAX_SHOWN_VALUE = 60
"""The length of a message: characters of a value."""
MAX_SHOWN_TERM = 120
"""Characters of an expression of a deployment."""
MAX_SHOWN_DEPTH = 2
"""Levels of a value that is shown as it was evaluated."""
MAX_SHOWN_EXPRESSION = 60
"""The length of a message: characters of an expression."""
MAX_SUGGESTED_POLICIES = 300
"""Time: names of a file that are not those of policies, for which a similar one is looked for."""
MAX_COMPARED_NAME = 80
"""Time: characters of a name that are compared with the known ones."""
MAX_CONFIG_EXTENDS = 10
"""The stack: configurations that extend each other, one after the other."""
MAX_CONFIG_KEY_NAMES = 500
"""Time: the names of a dotted key in a configuration, which has three at most."""
MAX_CONFIG_ERRORS = 20
"""The length of a message: mistakes in a configuration."""
MAX_CONFIG_ERROR_CHARACTERS = 400
"""The length of a message: characters of one of these mistakes."""
MAX_CATALOG_DAYS = 60
"""Trust in a report: AWS adds actions every week; with an older catalog, a run says so."""
MAX_USAGE_ARGUMENTS = 12
"""The help of a command: arguments that the usage lists one by one."""
MAX_TEXT_FINDINGS = 50
"""The text report: with more findings, standard output has an overview and a table by rule."""
MAX_OVERVIEW_LINES = 90
"""The text report: lines of an overview, which leaves some of two screens to the summary."""
MAX_TEXT_UNREAD = 10
"""The text report: policies that were not read, unless the run is strict or verbose."""
MAX_UNEXPECTED_ACTIONS = 100
"""Time: actions for which a policy test says that they are not as expected."""
MAX_TEXT_RELATED = 5
"""The text report: related locations of a finding."""
MAX_TEXT_CHARACTERS = 1_000
"""The text report: characters of a path, a name or a message."""
MAX_MARKDOWN_CHARACTERS = 65_536
"""GitHub: what a comment may have."""
MAX_DIFF_MARKDOWN_CHARACTERS = 20_000
"""The output of `diff`: what a person reads of a comment."""
MAX_SARIF_RESULTS = 25_000
"""GitHub: a file with more results is rejected."""
MAX_SARIF_RELATED = 99
"""GitHub: locations of a result that are shown, with that of the finding."""
MAX_SARIF_DESCRIPTION = 1_024
"""GitHub: characters of a description that are shown."""
MAX_HTML_OPEN_FILES = 20
"""The HTML report: files that are unfolded."""
MAX_HTML_TEXT = 2_000
"""The HTML report: characters of a message, a path or a name."""
MAX_HTML_PIECE = 2_000
"""The HTML report: characters of a part of a line without marks."""
MAX_HTML_FOLDED_LINES = 2_000
"""The HTML report: lines in a fold."""
MAX_HTML_PLACES = 200
"""The HTML report: findings of a rule in the list of all."""
MAX_HTML_GROUPS = 20
"""The HTML report: groups of related locations of a finding."""
MAX_HTML_RELATED = 20
"""The HTML report: related locations of a group."""
MAX_HTML_FIXES = 4
"""The HTML report: fixes of a finding."""
MAX_HTML_HUNKS = 6
"""The HTML report: hunks of a fix."""
MAX_HTML_HUNK_LINES = 30
"""The HTML report: lines of a hunk."""
MAX_HTML_NOTES = 20
"""The HTML report: notes of a finding, and below the table of a policy."""
MAX_HTML_ACTIONS = 40
"""The HTML report: actions of a capability."""
MAX_HTML_STATEMENTS = 200
"""The HTML report: statements in a table of access."""
MAX_HTML_WHOLE_SERVICES = 40
"""The HTML report: services with a row of their own of which everything is granted."""

# The language server
MAX_KEPT_ANALYSES = 8
"""Memory: of the documents that are open, those that were asked about last are kept as read."""
MAX_ANALYSES_IN_A_ROW = 50
"""Memory: after so many, what the linter keeps of the catalog and of patterns is forgotten."""
MAX_KEPT_POLICIES = 100
"""Memory: what was found in policies of templates is kept until their files have changed."""
MAX_COMPLETIONS = 200
"""Time: an editor asks again for what further characters leave."""
MAX_UNFINISHED_CHARACTERS = 40_000
"""Time: of a text that is being written, what is read before the cursor for a completion."""
MAX_UNFINISHED_DEPTH = 60
"""The stack: objects and lists in a text that is being written."""

# The server for assistants
MAX_GIVEN_FILES = 1_000
"""Time: files that a client gives with one call; a module has some 20."""
MAX_GIVEN_NAME = 1_000
"""Memory: characters of the name of such a file."""
