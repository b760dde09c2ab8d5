//! What a seller sells, and who delivers it.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{CategoryId, ProductId, SellerId};
use entity::{category, product};

use super::context::{ContextExt, act, id, ids, int, read_error, there, to_id};
use super::error::payload;
use super::partner::Partner;
use crate::directory::catalogue::{CategoryShape, ProductShape, set_category, set_product};

/// A kind of complaint in a seller's tree.
#[derive(Clone)]
pub struct Category(pub category::Model);

impl From<category::Model> for Category {
    fn from(row: category::Model) -> Self {
        Self(row)
    }
}

/// A kind of complaint in a seller's tree.
#[Object]
impl Category {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller without regard to case. A complaint's `category` finds it by this.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The category above it; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.parent_id {
            Some(id) => there(ctx.loaders().categories.one(id).await).map(Category).map(Some),
            None => Ok(None),
        }
    }

    /// Who delivers what it is about; those of the categories above it are not repeated.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().deliverers_of_category.one(self.0.id).await.map_err(read_error)?;
        Ok(rows.unwrap_or_default().into_iter().map(Partner).collect())
    }
}

/// Something a seller sells.
#[derive(Clone)]
pub struct Product(pub product::Model);

impl From<product::Model> for Product {
    fn from(row: product::Model) -> Self {
        Self(row)
    }
}

/// Something a seller sells.
#[Object]
impl Product {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller without regard to case. A complaint's `product` finds it by this.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its category; a complaint that names the product and no category gets it.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.category_id {
            Some(id) => there(ctx.loaders().categories.one(id).await).map(Category).map(Some),
            None => Ok(None),
        }
    }

    /// Who delivers it.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().deliverers_of_product.one(self.0.id).await.map_err(read_error)?;
        Ok(rows.unwrap_or_default().into_iter().map(Partner).collect())
    }
}

/// Creates a category, or gives one a new shape.
#[derive(InputObject)]
pub struct SetCategoryInput {
    /// Whose.
    seller_id: ID,
    /// Which one gets a new shape; a new one when left out.
    category_id: Option<ID>,
    /// The name, unique at the seller without regard to case.
    name: String,
    /// The category above it; the tree may be ten deep.
    parent_id: Option<ID>,
    /// Who delivers what it is about.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the category has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Creates a product, or gives one a new shape.
#[derive(InputObject)]
pub struct SetProductInput {
    /// Whose.
    seller_id: ID,
    /// Which one gets a new shape; a new one when left out.
    product_id: Option<ID>,
    /// The name, unique at the seller without regard to case.
    name: String,
    /// Its category.
    category_id: Option<ID>,
    /// Who delivers it.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the product has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setCategory`.
    SetCategoryPayload {
        /// The category as it is now.
        category: Category
    }
}
payload! {
    /// The answer to `setProduct`.
    SetProductPayload {
        /// The product as it is now.
        product: Product
    }
}

/// Acts on what a seller sells.
#[derive(Default)]
pub struct CatalogueMutation;

#[Object]
impl CatalogueMutation {
    /// Creates a category of complaints, or gives one a new shape. New cases in it, or below it, show its partners as
    /// involved; their owner is whom the rules name. For administrators.
    async fn set_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its shape.")] input: SetCategoryInput,
    ) -> Result<SetCategoryPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let own = input.category_id.as_ref().map(|text| id::<CategoryId>(text, "categoryId")).transpose()?;
            let shape = CategoryShape {
                name: input.name.clone(),
                parent: input.parent_id.as_ref().map(|text| id(text, "parentId")).transpose()?,
                partners: ids(&input.partner_ids, "partnerIds")?,
            };
            set_category(work, seller, own, &shape).await
        });
        Ok(done.await?.into())
    }

    /// Creates a product, or gives one a new shape. For administrators.
    async fn set_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its shape.")] input: SetProductInput,
    ) -> Result<SetProductPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let own = input.product_id.as_ref().map(|text| id::<ProductId>(text, "productId")).transpose()?;
            let shape = ProductShape {
                name: input.name.clone(),
                category: input.category_id.as_ref().map(|text| id(text, "categoryId")).transpose()?,
                partners: ids(&input.partner_ids, "partnerIds")?,
            };
            set_product(work, seller, own, &shape).await
        });
        Ok(done.await?.into())
    }
}
